#include "storage/sql/reports.h"

#include "base/text.h"
#include "storage/sql/article_json.h"

namespace waybill::storage::sql {

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

/// A bit for each level that is wanted.
std::optional<std::int64_t> levels_of(const report::FindingFilter& filter) {
  if (filter.severities.empty()) return std::nullopt;
  std::int64_t bits = 0;
  for (const auto severity : filter.severities) {
    bits |= std::int64_t{1} << static_cast<int>(report::level_of(severity));
  }
  return bits;
}

std::optional<std::string> rules_of(const report::FindingFilter& filter) {
  if (filter.rules.empty()) return std::nullopt;
  std::vector<std::string> codes;
  for (const auto rule : filter.rules) codes.emplace_back(report::info(rule).code);
  return text_list(codes);
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
  const auto levels = levels_of(filter);
  const auto rules = rules_of(filter);
  const std::string text = to_lower(filter.text);
  return database_.read([&](Connection& reader) {
    Query query(reader, Sql::list_findings, job, filter.after, to_limit(filter.limit), levels, rules,
                filter.file, text);
    return read_entries(query);
  });
}

Result<std::vector<report::FindingCount>> Reports::count_findings(const JobId& job,
                                                                  const report::FindingFilter& filter) {
  const auto levels = levels_of(filter);
  const auto rules = rules_of(filter);
  const std::string text = to_lower(filter.text);
  return database_.read([&](Connection& reader) -> Result<std::vector<report::FindingCount>> {
    std::vector<report::FindingCount> counts;
    Query query(reader, Sql::count_findings, job, levels, rules, filter.file, text);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return counts;
      if (const auto rule = report::find_rule(query.text(0))) counts.push_back({*rule, query.integer(1)});
    }
  });
}

Result<std::vector<NumberedEntry>> Reports::entries(const JobId& job, std::int64_t after, std::size_t limit) {
  return database_.read([&](Connection& reader) {
    Query query(reader, Sql::list_entries, job, after, to_limit(limit));
    return read_entries(query);
  });
}

}  // namespace waybill::storage::sql
