#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "storage/postgres/claim_looks.h"
#include "storage/postgres/rounds.h"
#include "storage/sql/jobs.h"

namespace waybill::storage::postgres {

/// What PostgreSQL does with fewer round trips: the rules are those of sql::Jobs, the steps are its function
/// waybill_end_and_claim_jobs (migrations/0009_an_end_takes_the_next_job.sql).
class Jobs final : public sql::Jobs {
 public:
  using sql::Jobs::Jobs;
  Result<std::vector<jobs::Job>> get_all(const std::vector<JobId>& ids) override;
  Result<std::optional<jobs::Job>> claim(Time now, const std::string& owner,
                                         const jobs::ClaimLimits& limits) override;
  /// Also ends transactions that hold jobs whose lease is over, where their node is silent (decision 0088).
  Result<std::optional<Time>> next_due(Time now) override;
  Result<jobs::Job> end(const JobId& id, Epoch epoch, const jobs::Ending& ending) override;
  /// Those of the same moment share a transaction (decision 0074).
  Result<jobs::EndedAndNext> end_and_claim(const JobId& id, Epoch epoch, const jobs::Ending& ending, Time now,
                                           const std::string& owner,
                                           const jobs::ClaimLimits& limits) override;

  /// For tests: as ClaimLooks::set_close().
  void set_close(std::chrono::nanoseconds close) { looks_.set_close(close); }

 private:
  static constexpr std::size_t kTurnsARound = 64;
  static constexpr std::size_t kRoundsAtOnce = 2;

  /// The end of one job, as it waits for the others.
  struct Turn {
    JobId id;
    Epoch epoch;
    const jobs::Ending& ending;
    Outcome outcome;
    std::optional<Error> error = std::nullopt;  // of all that shared the transaction
    std::optional<jobs::Job> ended = std::nullopt;
    std::optional<jobs::Job> next = std::nullopt;
  };
  /// Who takes jobs, and how many beside one for each that ends.
  struct Taker {
    Time now;
    const std::string& owner;
    const jobs::ClaimLimits& limits;
    int more = 0;
  };
  struct Arrays;
  struct Taken {
    std::vector<jobs::Job> jobs;
    std::optional<ClaimLooks::Place> last;  // the furthest of their places
    std::optional<Error> unreadable;        // one was taken that cannot be read; its lease runs out
  };
  static Result<Turn> turn_of(const JobId& id, Epoch epoch, const jobs::Ending& ending);
  /// One statement, and so one transaction.
  Result<Taken> run(const std::vector<Turn*>& turns, const std::optional<Taker>& taker,
                    const ClaimLooks::Look& look);
  void end_look(const ClaimLooks::Look& look, const std::string& owner, const Taken& taken);
  void end_and_claim(const std::vector<Turn*>& turns, const Taker& taker);
  /// Why a job that should have ended has not.
  Error not_ended(const Turn& turn);

  ClaimLooks looks_;
  Rounds<Turn> rounds_{kTurnsARound, kRoundsAtOnce};
};

}  // namespace waybill::storage::postgres
