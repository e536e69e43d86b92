#include "storage/sql/batch.h"

#include "storage/sql/items.h"
#include "storage/sql/knowledge_undo.h"
#include "storage/sql/knowledge_write.h"
#include "storage/sql/reports.h"

namespace waybill::storage::sql {

Result<OwnedJob> owned_job(Connection& writer, const Batch& batch) {
  Query query(writer, Sql::job_for_commit, batch.job);
  WB_TRY(const bool row, query.step());
  if (!row || query.integer(1) != batch.epoch.value() ||
      static_cast<jobs::State>(query.integer(2)) != jobs::State::in_progress) {
    return Error{ErrorCode::lease_lost, "the lease on job " + to_string(batch.job) +
                                            " is another worker's now: nothing was written"};
  }
  if (batch.from && query.integer(5) != *batch.from) {
    return Error{ErrorCode::lease_lost, "the job " + to_string(batch.job) + " stands at item " +
                                            std::to_string(query.integer(5)) + " and not at " +
                                            std::to_string(*batch.from) + ": nothing was written"};
  }
  if (query.text(4) != batch.department.value()) {
    return Error{ErrorCode::internal, "a batch was meant for another department than its job's"};
  }
  return OwnedJob{query.integer(0), query.integer(3)};
}

Result<void> advance_job(Connection& writer, const OwnedJob& job, const Batch& batch) {
  return Query(writer, Sql::advance_job, job.number, static_cast<int>(batch.phase), batch.total,
               batch.counts.successful, batch.counts.warnings, batch.counts.errors, batch.position,
               batch.source_version, batch.log_location, job.last_entry)
      .run();
}

Result<void> write_batch(Connection& writer, const Batch& batch) {
  WB_TRY(OwnedJob job, owned_job(writer, batch));
  const Origin origin{batch.job, batch.department, batch.now};
  WB_TRY(const std::vector<KnowledgeId> ids, write_changes(writer, origin, batch.changes));
  WB_CHECK_OK(write_checks(writer, batch.checks));
  WB_CHECK_OK(apply_reversals(writer, origin, batch.reversals));
  for (const Batch::Record& record : batch.records) {
    std::optional<KnowledgeId> id = record.item.id;
    if (record.change) id = ids.at(*record.change);
    WB_CHECK_OK(write_item(writer, job.number, record.item, id));
  }
  for (const WouldBe& content : batch.contents) WB_CHECK_OK(write_content(writer, job.number, content));
  for (const report::LogEntry& entry : batch.entries) {
    WB_CHECK_OK(write_entry(writer, job.number, ++job.last_entry, entry));
  }
  return advance_job(writer, job, batch);
}

}  // namespace waybill::storage::sql
