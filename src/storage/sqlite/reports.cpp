#include "storage/sqlite/reports.h"

namespace waybill::storage::sqlite {

namespace {

using report::NumberedEntry;

NumberedEntry read_entry(const Query& row) {
  NumberedEntry numbered;
  numbered.sequence = row.integer(0);
  report::LogEntry& entry = numbered.entry;
  entry.time = row.time(1);
  entry.level = static_cast<report::Level>(row.integer(2));
  if (const auto rule = report::find_rule(row.text(3))) {
    entry.is_finding = true;
    entry.finding.rule = *rule;
  }
  entry.finding.kind = static_cast<report::ItemKind>(row.integer(4));
  entry.finding.item = row.string(5);
  entry.finding.location = {row.string(6), row.string(7), static_cast<std::uint32_t>(row.integer(8)),
                            static_cast<std::uint32_t>(row.integer(9))};
  entry.finding.message = row.string(10);
  entry.finding.advice = row.string(11);
  return numbered;
}

Result<std::vector<NumberedEntry>> read_entries(Query& query) {
  std::vector<NumberedEntry> entries;
  while (true) {
    WB_TRY(const bool row, query.step());
    if (!row) return entries;
    entries.push_back(read_entry(query));
  }
}

}  // namespace

Result<void> write_entry(Connection& writer, std::int64_t job_number, std::int64_t sequence,
                         const report::LogEntry& entry) {
  const report::Finding& finding = entry.finding;
  std::optional<std::string_view> rule;
  if (entry.is_finding) rule = report::info(finding.rule).code;
  return Query(writer, Sql::insert_entry, job_number, sequence, entry.time, static_cast<int>(entry.level),
               rule, static_cast<int>(finding.kind), finding.item, finding.location.file,
               finding.location.pointer, static_cast<std::int64_t>(finding.location.line),
               static_cast<std::int64_t>(finding.location.column), finding.message, finding.advice)
      .run();
}

Result<std::vector<NumberedEntry>> Reports::findings(const JobId& job, const report::FindingFilter& filter) {
  std::optional<int> level;
  if (filter.severity) level = static_cast<int>(report::level_of(*filter.severity));
  std::optional<std::string_view> rule;
  if (filter.rule) rule = report::info(*filter.rule).code;
  return database_.read([&](Connection& reader) {
    Query query(reader, Sql::list_findings, job, filter.after, to_limit(filter.limit), level, rule);
    return read_entries(query);
  });
}

Result<std::vector<NumberedEntry>> Reports::entries(const JobId& job, std::int64_t after, std::size_t limit) {
  return database_.read([&](Connection& reader) {
    Query query(reader, Sql::list_entries, job, after, to_limit(limit));
    return read_entries(query);
  });
}

}  // namespace waybill::storage::sqlite
