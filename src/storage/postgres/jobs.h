#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>

#include "storage/sql/jobs.h"

namespace waybill::storage::postgres {

/// What PostgreSQL does with fewer round trips: the rules are those of sql::Jobs, the steps are its functions
/// (migrations/0005_claims_in_one_step.sql).
class Jobs final : public sql::Jobs {
 public:
  using sql::Jobs::Jobs;
  Result<std::vector<jobs::Job>> get_all(const std::vector<JobId>& ids) override;
  /// Of claims that follow each other closely most begin where the one before found its job (decision 0081):
  /// for twenty times as long as a look at all takes, and up to a second, an older one that can be taken
  /// again may have to wait.
  Result<std::optional<jobs::Job>> claim(Time now, const std::string& owner,
                                         const jobs::ClaimLimits& limits) override;
  Result<jobs::Job> end(const JobId& id, Epoch epoch, const jobs::Ending& ending) override;

  /// For tests: claims follow each other closely whose distance is at most this.
  void set_close(std::chrono::nanoseconds close) { close_ = close; }

 private:
  /// Where a look begins.
  struct Start {
    static constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
    std::int64_t due = kFirst;
    std::int64_t number = kFirst;
    std::int64_t owned = kFirst;
  };
  struct Claimed {
    jobs::Job job;
    std::int64_t number = 0;
  };
  Result<std::optional<Claimed>> look(Time now, const std::string& owner, const jobs::ClaimLimits& limits,
                                      const Start& start);
  Result<std::optional<Start>> start_after(const std::string& owner, const Claimed& claimed);

  using Steady = std::chrono::steady_clock;
  /// How long short looks follow a whole one that took so long.
  std::chrono::nanoseconds short_looks_after(std::chrono::nanoseconds took) const;

  std::optional<std::chrono::nanoseconds> close_;
  std::mutex mutex_;
  std::optional<Start> short_start_;  // until the next whole look
  Steady::time_point next_whole_look_{};
  std::optional<Steady::time_point> last_claim_;
};

}  // namespace waybill::storage::postgres
