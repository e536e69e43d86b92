#include "storage/postgres/batch_write.h"

#include "storage/postgres/copy_rows.h"
#include "storage/postgres/knowledge_write.h"
#include "storage/sql/batch.h"
#include "storage/sql/knowledge_undo.h"

namespace waybill::storage::postgres {

namespace {

using sql::Query;
using sql::Sql;

Result<void> write_checks(Connection& writer, const std::vector<Batch::BodyCheck>& checks) {
  if (checks.empty()) return {};
  std::vector<std::int64_t> articles;
  std::vector<std::string_view> texts;
  for (const Batch::BodyCheck& one : checks) {
    articles.push_back(one.article.value());
    texts.push_back(one.check);
  }
  const std::string ids = array_of(articles);
  const std::string given = array_of_bytes(texts);
  return Query(writer, Sql::set_body_checks, ids, given).run();
}

Result<void> write_records(Connection& writer, const sql::OwnedJob& job, const Batch& batch,
                           const std::vector<KnowledgeId>& ids) {
  if (batch.records.empty()) return {};
  return writer.copy_in(
      "COPY job_items (job, number, kind, outcome, item, path, language) FROM STDIN (FORMAT binary)", 7,
      [&](CopyRows& rows) {
        for (const Batch::Record& record : batch.records) {
          std::optional<KnowledgeId> id = record.item.id;
          if (record.change) id = ids.at(*record.change);
          rows.begin_row();
          rows.add_bigint(job.number);
          rows.add_bigint(record.item.number);
          rows.add_smallint(static_cast<int>(record.item.kind));
          rows.add_smallint(static_cast<int>(record.item.outcome));
          rows.add_bigint(id ? std::optional(id->value()) : std::nullopt);
          rows.add_text(record.item.path);
          rows.add_text(record.item.language);
        }
      });
}

Result<void> write_contents(Connection& writer, const sql::OwnedJob& job, const Batch& batch) {
  if (batch.contents.empty()) return {};
  return writer.copy_in(
      "COPY job_contents (job, number, macro, metadata, size, body) FROM STDIN (FORMAT binary)", 6,
      [&](CopyRows& rows) {
        for (const WouldBe& article : batch.contents) {
          rows.begin_row();
          rows.add_bigint(job.number);
          rows.add_bigint(article.number);
          rows.add_text(article.macro);
          rows.add_text(article.content.metadata);
          rows.add_bigint(static_cast<std::int64_t>(article.content.body.size));
          rows.add_bytes(article.content.body.bytes);
        }
      });
}

Result<void> write_entries(Connection& writer, sql::OwnedJob& job, const Batch& batch) {
  if (batch.entries.empty()) return {};
  return writer.copy_in(
      "COPY log_entries (job, sequence, time, level, rule, kind, item, file, pointer, line, "
      "\"column\", message, advice) FROM STDIN (FORMAT binary)",
      13, [&](CopyRows& rows) {
        for (const report::LogEntry& entry : batch.entries) {
          const report::Finding& finding = entry.finding;
          rows.begin_row();
          rows.add_bigint(job.number);
          rows.add_bigint(++job.last_entry);
          rows.add_bigint(sql::to_integer(entry.time));
          rows.add_smallint(static_cast<int>(entry.level));
          if (entry.is_finding) {
            rows.add_text(report::info(finding.rule).code);
          } else {
            rows.add_null();
          }
          rows.add_smallint(static_cast<int>(finding.kind));
          rows.add_text(finding.item);
          rows.add_text(finding.location.file);
          rows.add_text(finding.location.pointer);
          rows.add_bigint(static_cast<std::int64_t>(finding.location.line));
          rows.add_bigint(static_cast<std::int64_t>(finding.location.column));
          rows.add_text(finding.message);
          rows.add_text(finding.advice);
        }
      });
}

}  // namespace

Result<void> write_batch(Connection& writer, const Batch& batch) {
  WB_TRY(sql::OwnedJob job, sql::owned_job(writer, batch));
  const sql::Origin origin{batch.job, batch.department, batch.now};
  // What takes numbers comes last: until the commit, no other node can take any.
  WB_CHECK_OK(write_contents(writer, job, batch));
  WB_CHECK_OK(write_entries(writer, job, batch));
  WB_CHECK_OK(sql::advance_job(writer, job, batch));
  WB_CHECK_OK(write_checks(writer, batch.checks));
  WB_TRY(const std::vector<KnowledgeId> ids, write_changes(writer, origin, batch.changes));
  WB_CHECK_OK(sql::apply_reversals(writer, origin, batch.reversals));
  return write_records(writer, job, batch, ids);
}

}  // namespace waybill::storage::postgres
