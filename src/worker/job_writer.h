#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "jobs/estimate.h"
#include "jobs/job.h"
#include "jobs/status_board.h"
#include "storage/store.h"
#include "worker/article_checker.h"
#include "worker/indexer.h"
#include "worker/job_log.h"
#include "worker/worker.h"

namespace waybill::worker {

/// The one writer of a job: decides each item against the knowledge base, collects batches, commits them,
/// appends to the log and publishes the status. What it shows is always what is committed. One thread.
class JobWriter {
 public:
  JobWriter(const jobs::Job& job, const Options& options, storage::Store& store, jobs::StatusBoard& board,
            Indexer& indexer, const Clock& clock);

  /// The log's file; entries before this are in the store alone. Errors: as JobLog::open, and the store's.
  Result<void> open_log();
  /// For the end: nothing is appended by the writer any more. nullopt where it was never opened.
  std::optional<JobLog> take_log() { return std::exchange(log_, std::nullopt); }

  void set_phase(jobs::Phase phase);
  void set_source_version(std::string version) { source_version_ = std::move(version); }
  void set_log_location(std::string location) { log_location_ = std::move(location); }
  void set_total(std::int64_t total) { total_ = total; }
  std::optional<std::int64_t> total() const { return total_; }
  const jobs::Counts& counts() const { return counts_; }
  std::int64_t position() const { return counts_.processed(); }
  const std::string& log_location() const { return log_location_; }

  /// A step in words, committed with the next batch.
  void note(report::Level level, std::string message);
  /// A finding about the package as a whole; one that an earlier run of this job has reported is passed over.
  void report(report::Finding finding);

  /// Decides one item and takes it into the batch; commits where the batch is full. `checker` may be null.
  /// Errors: those of the knowledge base and of commit().
  Result<void> add(PreparedItem item, ArticleChecker* checker);
  /// Commits what has been collected if it is older than the batch's time. Errors: as commit().
  Result<void> commit_if_due(ArticleChecker* checker);
  /// Errors: lease_lost, no_space, unavailable, io.
  Result<void> commit(ArticleChecker* checker);

  /// The status as it stands, with an estimate.
  void publish();
  void publish(jobs::Status status);

 private:
  struct Decision {
    bool write = false;
    bool done = true;
  };
  Result<Decision> decide(PreparedItem& item, ArticleChecker* checker);
  Result<std::optional<knowledge::Existing>> find(const knowledge::Item& item);
  /// True where another article of the knowledge base holds the article's macro.
  Result<bool> macro_taken(const knowledge::Article& article,
                           const std::optional<knowledge::Existing>& existing, ArticleChecker* checker);
  Result<void> load_reported();
  bool imports() const { return job_.type == jobs::JobType::import; }

  const jobs::Job& job_;
  const Options& options_;
  storage::Store& store_;
  jobs::StatusBoard& board_;
  Indexer& indexer_;
  const Clock& clock_;
  std::optional<JobLog> log_;
  jobs::Estimator estimator_;

  jobs::Phase phase_ = jobs::Phase::fetching;
  std::string source_version_, log_location_;
  std::optional<std::int64_t> total_;
  jobs::Counts counts_;

  storage::Batch batch_;
  std::size_t batch_items_ = 0, batch_bytes_ = 0;
  std::optional<std::chrono::nanoseconds> batch_began_;
  using Reported = std::tuple<report::Rule, std::string, std::string, std::string>;
  std::set<Reported> reported_;  // rule, file, pointer, message
};

}  // namespace waybill::worker
