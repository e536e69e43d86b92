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
  /// How long a look for a job may take before it counts as slow.
  static constexpr std::chrono::milliseconds kSlowLook{50};

  using sql::Jobs::Jobs;
  Result<std::vector<jobs::Job>> get_all(const std::vector<JobId>& ids) override;
  /// Where a look has been slow, as it is while a transaction stays open elsewhere (decision 0081), the next
  /// ones begin where it found a job: for up to a second an older one that can be taken again may have to
  /// wait.
  Result<std::optional<jobs::Job>> claim(Time now, const std::string& owner,
                                         const jobs::ClaimLimits& limits) override;
  Result<jobs::Job> end(const JobId& id, Epoch epoch, const jobs::Ending& ending) override;

  /// For tests: every look is slow that takes as long.
  void set_slow_look(std::chrono::nanoseconds took) { slow_look_ = took; }

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

  std::chrono::nanoseconds slow_look_ = kSlowLook;
  std::mutex mutex_;
  std::optional<Start> short_start_;  // until the next whole look
  std::chrono::steady_clock::time_point next_whole_look_{};
};

}  // namespace waybill::storage::postgres
