#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "jobs/job.h"
#include "jobs/job_store.h"
#include "knowledge/knowledge_base.h"
#include "knowledge/model.h"
#include "report/finding.h"
#include "report/report_store.h"
#include "storage/blob_store.h"
#include "storage/item_store.h"

namespace waybill::storage {

/// A job's items, findings, counters and position: one transaction, all or nothing.
struct Batch {
  JobId job;
  Epoch epoch;
  Department department;
  Time now{};

  /// Import and reimport write these, in this order; a validation leaves it empty.
  std::vector<knowledge::Change> changes;
  /// Of articles that stay as they are: knowledge::Change::body_check.
  struct BodyCheck {
    KnowledgeId article;
    std::string check;
  };
  std::vector<BodyCheck> checks;
  std::vector<report::LogEntry> entries;

  /// What became of the items of this batch. `change`: the place in `changes` of what was written for it,
  /// whose id the record then gets.
  struct Record {
    ItemRecord item;
    std::optional<std::size_t> change;
  };
  std::vector<Record> records;
  std::vector<WouldBe> contents;    // of a validation
  std::vector<Reversal> reversals;  // of an undo

  // The job's row after this batch.
  jobs::Phase phase = jobs::Phase::reading;
  std::optional<std::int64_t> total;
  jobs::Counts counts;
  std::int64_t position = 0;
  /// The position that the row must stand at: a database that has failed over may have lost what it had
  /// acknowledged. nullopt: wherever it stands.
  std::optional<std::int64_t> from;
  std::string source_version;
  std::string log_location;  // empty: unchanged
};

/// Clients and signing keys (auth/) lie in the same database; see auth/client_store.h.
class Store {
 public:
  virtual ~Store() = default;
  virtual jobs::JobStore& jobs() = 0;
  virtual knowledge::KnowledgeBase& knowledge() = 0;
  virtual report::ReportStore& reports() = 0;
  virtual ItemStore& items() = 0;
  virtual BlobStore& blobs() = 0;

  /// Commits a batch, durably when it returns. One batch of a job at a time. Errors: lease_lost (another
  /// epoch owns the job, or its row stands elsewhere: nothing is written), no_space, unavailable, io.
  virtual Result<void> commit(const Batch& batch) = 0;

  /// The full-text index follows the rows from a durable mark. Indexes up to `max_rows` more; true where it
  /// has caught up with what is committed. As many threads at a time as there are lanes.
  virtual Result<bool> index_some(std::size_t max_rows) = 0;
  /// So many threads do it faster than fewer.
  virtual int index_lanes() const { return 1; }
  /// Rows committed and not yet indexed.
  virtual Result<std::int64_t> index_backlog() = 0;

  /// Answers quickly whether the database can be read and written: for health.
  virtual Result<void> ping() = 0;

  /// How often calls have failed because the database, or the place of large bytes, could not be reached.
  /// What fails with `unavailable` while this grows was stopped by the store, and not by what else the caller
  /// has to do with.
  virtual std::uint64_t outages() const { return 0; }
};

}  // namespace waybill::storage
