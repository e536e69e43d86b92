#include <boost/json.hpp>

#include "api/answers.h"
#include "api/finding_export.h"
#include "api/finding_text.h"
#include "api/gate.h"
#include "api/operation.h"
#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kUsualLimit = 100;
constexpr std::size_t kMaxLimit = 1000;
constexpr std::int64_t kMaxSequence = 1'000'000'000'000;
constexpr std::size_t kMaxTextCharacters = 255;
constexpr std::string_view kJson = "application/json";

/// The parts of a value that names several, comma separated.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (const auto part : split(text, ',')) parts.push_back(trim(part));
  return parts;
}

std::optional<ApiError> read_severities(const http::Request& request, report::FindingFilter& filter) {
  const auto text = parameter(request, "severity");
  if (!text) return std::nullopt;
  for (const auto part : parts_of(*text)) {
    const std::size_t before = filter.severities.size();
    for (const auto severity :
         {report::Severity::remark, report::Severity::warning, report::Severity::error}) {
      if (part == report::to_string(severity)) filter.severities.push_back(severity);
    }
    if (filter.severities.size() == before) {
      return invalid_value(
          "severity must be error, warning or remark, or several of them with commas between.", "severity",
          std::string(*text));
    }
  }
  return std::nullopt;
}

std::optional<ApiError> read_rules(const http::Request& request, report::FindingFilter& filter) {
  const auto text = parameter(request, "rule");
  if (!text) return std::nullopt;
  for (const auto part : parts_of(*text)) {
    const auto rule = report::find_rule(part);
    if (!rule) {
      return invalid_value("rule must be the code of a rule, or several with commas between.", "rule",
                           std::string(*text));
    }
    filter.rules.push_back(*rule);
  }
  return std::nullopt;
}

std::optional<ApiError> read_texts(const http::Request& request, report::FindingFilter& filter) {
  filter.file = parameter(request, "file").value_or("");
  filter.text = parameter(request, "q").value_or("");
  if (utf8_length(filter.text) <= kMaxTextCharacters) return std::nullopt;
  return invalid_value("q has at most " + std::to_string(kMaxTextCharacters) + " characters.", "q", "");
}

Outcome<report::FindingFilter> read_filter(const http::Request& request) {
  report::FindingFilter filter;
  for (auto* read : {read_severities, read_rules, read_texts}) {
    if (auto error = read(request, filter)) return std::move(*error);
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

Outcome<json::object> summary_object(const Services& services, const Call& call, const JobId& job,
                                     const report::FindingFilter& filter) {
  const auto counts = services.reports.count_findings(job, filter);
  if (!counts) return fault(services, call.request, counts.error());
  std::int64_t errors = 0, warnings = 0, remarks = 0;
  json::array rules;
  for (const auto& count : *counts) {
    const auto& rule = report::info(count.rule);
    (rule.severity == report::Severity::error     ? errors
     : rule.severity == report::Severity::warning ? warnings
                                                  : remarks) += count.findings;
    rules.push_back(json::object{{"rule", rule.code},
                                 {"severity", report::to_string(rule.severity)},
                                 {"count", count.findings},
                                 {"title", rule.title}});
  }
  return json::object{
      {"errors", errors}, {"warnings", warnings}, {"remarks", remarks}, {"rules", std::move(rules)}};
}

/// One page; in NDJSON, CSV and SARIF the next is known by its Link alone.
http::Response page_in(std::string_view media_type, const Services& services, const jobs::Job& job,
                       const std::vector<report::NumberedEntry>& rows) {
  http::Response response;
  const SarifBase base{.description = "The package " + job.source.path};
  if (media_type == kCsv) response.body = csv_head();
  if (media_type == kSarif) response.body = sarif_head(services.version, base);
  for (const auto& row : rows) {
    if (media_type == kCsv) response.body += csv_record(row);
    if (media_type == kNdjson) response.body += json::serialize(finding_object(row)) + "\n";
    if (media_type == kSarif)
      response.body += (&row == &rows.front() ? "\n" : ",\n") + sarif_result(row, base);
  }
  if (media_type == kSarif) {
    response.body += sarif_tail(to_string(job.id), job.state == jobs::State::successful);
  }
  return response;
}

Outcome<http::Response> page(const Services& services, const Call& call, const jobs::Job& job,
                             report::FindingFilter filter) {
  const std::size_t limit = filter.limit++;
  auto rows = services.reports.findings(job.id, filter);
  if (!rows) return fault(services, call.request, rows.error());
  const bool more = rows->size() > limit;
  if (more) rows->resize(limit);
  http::Response response;
  if (call.media_type == kJson) {
    json::array findings;
    for (const auto& row : *rows) findings.push_back(finding_object(row));
    json::object body{{"findings", std::move(findings)}};
    if (more) body["next"] = rows->back().sequence;
    if (parameter(call.request, "summary") == "true") {
      auto summary = summary_object(services, call, job.id, filter);
      if (!summary.ok()) return std::move(summary.error());
      body["summary"] = std::move(*summary);
    }
    response = json_answer(200, body);
  } else {
    response = page_in(call.media_type, services, job, *rows);
  }
  if (more) response.headers.set("Link", next_link(call.request, rows->back().sequence));
  return response;
}

std::string_view type_of(std::string_view media_type) {
  return media_type == kCsv ? "text/csv; charset=utf-8; header=present" : media_type;
}

Outcome<http::Response> list(const Services& services, const Call& call) {
  auto filter = read_filter(call.request);
  if (!filter.ok()) return std::move(filter.error());
  if (const auto wanted = parameter(call.request, "summary");
      wanted && *wanted != "true" && *wanted != "false") {
    return invalid_value("summary must be true or false.", "summary", std::string(*wanted));
  }
  auto job = find_job(services, call);
  if (!job.ok()) return std::move(job.error());
  Outcome<http::Response> response = http::Response();
  if (call.media_type == kJson || parameter(call.request, "limit")) {
    response = page(services, call, *job, std::move(*filter));
  } else {
    response->stream = export_findings(services, *job, std::move(*filter), call.media_type);
  }
  if (!response.ok()) return response;
  response->headers.set("Content-Type", std::string(type_of(call.media_type)));
  if (call.media_type != kJson) {
    const std::string_view end = call.media_type == kCsv     ? ".csv"
                                 : call.media_type == kSarif ? ".sarif"
                                                             : ".ndjson";
    response->headers.set("Content-Disposition",
                          "attachment; filename=\"findings-" + to_string(job->id) + std::string(end) + "\"");
  }
  return response;
}

}  // namespace

/// GET /import/content/{job_id}/findings (contract, section 5): a page of JSON, or by Accept NDJSON, CSV or
/// SARIF: all of them, unless a limit is given.
Operation job_findings() {
  Operation operation;
  operation.id = "listFindings";
  operation.method = "GET";
  operation.path = std::string(kBase) + "/import/content/{job_id}/findings";
  operation.binding = Binding::department_or_admin;
  operation.query = {{"severity"}, {"rule"}, {"file"}, {"q"}, {"summary"}, {"limit"}, {"after"}};
  operation.produces = {kJson, kNdjson, kCsv, kSarif};
  operation.handle = [](const Services& services, const Call& call) { call.finish(list(services, call)); };
  return operation;
}

}  // namespace waybill::api
