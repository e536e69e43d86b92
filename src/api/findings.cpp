#include <boost/json.hpp>

#include "api/answers.h"
#include "api/gate.h"
#include "api/operation.h"
#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kUsualLimit = 100;
constexpr std::size_t kMaxLimit = 1000;
constexpr std::int64_t kMaxSequence = 1'000'000'000'000;
constexpr std::string_view kNdjson = "application/x-ndjson";

json::object finding_object(const report::NumberedEntry& row) {
  const auto& finding = row.entry.finding;
  json::object object{{"sequence", row.sequence},
                      {"time", format_time(row.entry.time)},
                      {"severity", report::to_string(finding.severity())},
                      {"rule", report::info(finding.rule).code},
                      {"kind", report::to_string(finding.kind)}};
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) object[name] = text;
  };
  add("item", finding.item);
  add("file", finding.location.file);
  add("pointer", finding.location.pointer);
  if (finding.location.line > 0) {
    object["line"] = finding.location.line;
    object["column"] = finding.location.column;
  }
  object["message"] = finding.message;
  add("advice", finding.advice);
  return object;
}

Outcome<report::FindingFilter> read_filter(const http::Request& request) {
  report::FindingFilter filter;
  if (const auto text = parameter(request, "severity")) {
    for (const auto severity :
         {report::Severity::remark, report::Severity::warning, report::Severity::error}) {
      if (*text == report::to_string(severity)) filter.severity = severity;
    }
    if (!filter.severity) {
      return invalid_value("severity must be error, warning or remark.", "severity", std::string(*text));
    }
  }
  if (const auto text = parameter(request, "rule")) {
    filter.rule = report::find_rule(*text);
    if (!filter.rule) return invalid_value("rule must be the code of a rule.", "rule", std::string(*text));
  }
  auto after = read_number(request, "after", 0, kMaxSequence);
  if (!after.ok()) return std::move(after.error());
  filter.after = *after;
  auto limit = read_limit(request, kUsualLimit, kMaxLimit);
  if (!limit.ok()) return std::move(limit.error());
  filter.limit = *limit;
  return filter;
}

/// The next page's address, with the filters of this one (RFC 8288).
std::string next_link(const http::Request& request, std::int64_t after) {
  // The path as the client may ask for it again: not the target, which may be in absolute form.
  std::string target = request.path + "?";
  for (const auto& each : request.query) {
    if (each.name != "after") target += each.name + "=" + percent_encode(each.value) + "&";
  }
  return "<" + target + "after=" + std::to_string(after) + ">; rel=\"next\"";
}

http::Response write(const Call& call, const std::vector<report::NumberedEntry>& rows, bool more) {
  http::Response response;
  if (call.media_type == kNdjson) {
    response.headers.set("Content-Type", std::string(kNdjson));
    for (const auto& row : rows) response.body += json::serialize(finding_object(row)) + "\n";
  } else {
    json::array findings;
    for (const auto& row : rows) findings.push_back(finding_object(row));
    json::object body{{"findings", std::move(findings)}};
    if (more) body["next"] = rows.back().sequence;
    response = json_answer(200, body);
  }
  if (more) response.headers.set("Link", next_link(call.request, rows.back().sequence));
  return response;
}

Outcome<http::Response> list(const Services& services, const Call& call) {
  auto filter = read_filter(call.request);
  if (!filter.ok()) return std::move(filter.error());
  auto job = find_job(services, call);
  if (!job.ok()) return std::move(job.error());
  const std::size_t limit = filter->limit++;
  auto rows = services.reports.findings(job->id, *filter);
  if (!rows) return fault(services, call.request, rows.error());
  const bool more = rows->size() > limit;
  if (more) rows->resize(limit);
  return write(call, *rows, more);
}

}  // namespace

/// GET /import/content/{job_id}/findings (contract, section 5): JSON, or NDJSON by Accept.
Operation job_findings() {
  Operation operation;
  operation.id = "listFindings";
  operation.method = "GET";
  operation.path = std::string(kBase) + "/import/content/{job_id}/findings";
  operation.binding = Binding::department_or_admin;
  operation.query = {{"severity"}, {"rule"}, {"limit"}, {"after"}};
  operation.produces = {"application/json", kNdjson};
  operation.handle = [](const Services& services, const Call& call) { call.finish(list(services, call)); };
  return operation;
}

}  // namespace waybill::api
