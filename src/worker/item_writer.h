#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "jobs/job.h"
#include "storage/store.h"
#include "worker/indexer.h"
#include "worker/item.h"
#include "worker/job_control.h"
#include "worker/job_log.h"
#include "worker/progress.h"
#include "worker/resource_keeper.h"
#include "worker/worker.h"

namespace waybill::worker {

/// The one writer of a job: decides what becomes of each item, gathers batches, commits them, and tells the
/// board and the log what is durable. A validation goes the same way and writes no changes. One thread.
class ItemWriter {
 public:
  ItemWriter(const jobs::Job& job, const Options& options, storage::Store& store, Indexer& indexer,
             JobControl& control, Progress& progress, JobLog& log);

  /// The resources that are made durable before each commit; null again before they go.
  void set_resources(ResourceKeeper* resources) { resources_ = resources; }
  void set_phase(jobs::Phase phase);
  void set_total(std::int64_t total) { total_ = total; }
  void set_source_version(std::string version) { source_version_ = std::move(version); }
  void set_log_location(std::string location) { log_location_ = std::move(location); }

  /// The next item in the fixed order, decided and put into the batch, which commits when it is full. Before
  /// it, waits for the operator's brake and looks whether the job should stop: then cancelled, and the item
  /// is not processed. Errors: as Store::commit, KnowledgeBase.
  Result<void> add(JudgedItem item);
  /// An item that an earlier run has processed.
  void skip() { ++seen_; }
  bool must_skip() const { return seen_ < start_; }

  /// A step in words, a finding about the package: for the next commit.
  void note(report::Level level, std::string message);
  void report(report::Finding finding);

  /// Commits what is gathered, where there is anything. A failed batch is dropped whole.
  Result<void> flush();
  /// Commits where the open batch is older than Options::batch_time.
  Result<void> flush_if_old();
  /// How long until flush_if_old() has something to do; at most a second.
  std::chrono::nanoseconds until_old() const;

  const jobs::Counts& committed_counts() const { return committed_counts_; }
  std::int64_t position() const { return position_; }
  std::int64_t committed_position() const { return committed_position_; }
  std::optional<std::int64_t> total() const { return total_; }
  const std::string& log_location() const { return log_location_; }

 private:
  enum class Fate : std::uint8_t { refused, unchanged, written };

  Result<void> check_stop();
  void wait_for_brake();
  Result<Fate> decide(JudgedItem& item);
  Result<bool> macro_is_taken(const JudgedItem& item);
  void count(const JudgedItem& item);
  void record(JudgedItem& item, Fate fate);
  bool batch_is_full() const;
  void begin_batch();
  void tell_indexer();

  const jobs::Job& job_;
  const Options& options_;
  storage::Store& store_;
  Indexer& indexer_;
  JobControl& control_;
  Progress& progress_;
  JobLog& log_;
  ResourceKeeper* resources_ = nullptr;
  const Clock& clock_;

  storage::Batch batch_;
  bool dirty_ = false;
  std::size_t batch_items_ = 0;
  std::size_t batch_bytes_ = 0;
  std::chrono::nanoseconds batch_began_{};

  jobs::Phase phase_;
  std::optional<std::int64_t> total_;
  std::string source_version_, log_location_;
  jobs::Counts counts_, committed_counts_;
  std::int64_t position_, committed_position_;
  const std::int64_t start_;  // items that earlier runs have processed
  std::int64_t seen_ = 0;
  std::optional<std::chrono::nanoseconds> next_allowed_;  // by the brake
};

}  // namespace waybill::worker
