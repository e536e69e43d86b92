#pragma once

#include "jobs/job_store.h"
#include "report/finding.h"
#include "storage/sealer.h"
#include "storage/sql/query.h"

namespace waybill::storage::sql {

/// JobStore on the database. Any thread.
class Jobs : public jobs::JobStore {
 public:
  /// All three outlive it. `clock` says how old an idempotency key is.
  Jobs(Database& database, const Sealer& sealer, const Clock& clock)
      : database_(database), sealer_(sealer), clock_(clock) {}

  Result<jobs::Created> create(const jobs::Job& job, const std::optional<jobs::IdempotencyKey>& key) override;
  Result<jobs::Job> get(const JobId& id) override;
  Result<std::vector<jobs::Job>> list(const jobs::JobFilter& filter) override;
  Result<std::optional<jobs::Job>> claim(Time now, const std::string& owner,
                                         const jobs::ClaimLimits& limits) override;
  Result<std::optional<Time>> next_due(Time now) override;
  Result<std::int64_t> end_leases() override;
  Result<std::optional<jobs::Job>> undo_of(const JobId& id) override;
  Result<std::vector<jobs::JobCount>> counts() override;
  Result<std::int64_t> unfinished(const ClientId& client) override;
  Result<jobs::LeaseAnswer> renew(const JobId& id, Epoch epoch, Time until) override;
  Result<jobs::State> request_cancel(const JobId& id, const ClientId& by, Time at) override;
  Result<jobs::Job> end(const JobId& id, Epoch epoch, const jobs::Ending& ending) override;
  Result<jobs::EndedAndNext> end_and_claim(const JobId& id, Epoch epoch, const jobs::Ending& ending, Time now,
                                           const std::string& owner,
                                           const jobs::ClaimLimits& limits) override;
  Result<jobs::Job> retry(const JobId& id, const ClientId& by, Time at, const Secret& credentials) override;
  Result<std::optional<JobId>> prune(Time ended_before) override;

 protected:
  /// What an ending makes of a job that is in progress.
  struct Outcome {
    jobs::State state{};
    std::string error;
    bool retryable = false;
    std::optional<report::LogEntry> closing_line;
  };
  /// Errors: invalid_argument, where it is none.
  static Result<Outcome> outcome_of(const jobs::Ending& ending);
  static Error lease_lost(const JobId& id);
  static Error asked_to_stop(const JobId& id);
  // So many validations of a department can still show what they would have written.
  static constexpr int kKeptValidations = 3;

  Database& database() { return database_; }
  const Sealer& sealer() const { return sealer_; }

 private:
  std::string seal_credentials(const JobId& id, const Secret& credentials) const;
  Result<jobs::Job> find(Connection& connection, Sql sql, const JobId& id) const;
  Result<std::optional<jobs::Job>> take(Connection& writer, Time now, const std::string& owner,
                                        const jobs::ClaimLimits& limits) const;
  Result<jobs::Job> close(Connection& writer, const JobId& id, Epoch epoch, const jobs::Ending& ending) const;
  Result<jobs::Created> insert(Connection& writer, const jobs::Job& job);
  /// True where the job is gone; false where there is more of it; nullopt where it must stay after all.
  Result<std::optional<bool>> prune_some(std::int64_t number, Time ended_before);
  Result<void> check_undo(Connection& writer, const JobId& target) const;
  Result<std::optional<jobs::Created>> replay(Connection& writer, const jobs::Job& job,
                                              const jobs::IdempotencyKey& key, Time now);

  Database& database_;
  const Sealer& sealer_;
  const Clock& clock_;
};

}  // namespace waybill::storage::sql
