#include "cli/job_client.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"

namespace waybill::cli {

namespace {

namespace json = boost::json;

constexpr int kPageSize = 500;                   // the most jobs that one answer holds
constexpr std::chrono::seconds kAnswerTime{30};  // on top of what Prefer: wait asks for

std::string path_of(const std::string& job, std::string_view rest) {
  return std::string(Session::kBase) + "/import/content/" + percent_encode(job) + std::string(rest);
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

const json::object* object_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

Error not_understood(std::string_view what) {
  return {ErrorCode::corrupt,
          "the server's answer is not " + std::string(what) + ": is this a Waybill server of this version?"};
}

Result<json::object> parse_object(std::string_view text, std::string_view what) {
  boost::system::error_code failed;
  json::value parsed = json::parse(text, failed);
  if (failed || !parsed.is_object()) return not_understood(what);
  return std::move(parsed.get_object());
}

JobStatus status_of(const json::object& object) {
  JobStatus status;
  status.status = text_of(object, "status");
  status.job_type = text_of(object, "jobType");
  status.operation = text_of(object, "currentOperation");
  status.log_location = text_of(object, "logFileLocation");
  status.start = text_of(object, "startTime");
  status.estimated = text_of(object, "estimatedCompletion");
  status.stop = text_of(object, "scheduledStopTime");
  status.completed = text_of(object, "completionTime");
  status.failed = text_of(object, "failureTime");
  status.error = text_of(object, "error");
  const json::value* retryable = object.if_contains("retryable");
  status.retryable = retryable != nullptr && retryable->is_bool() && retryable->get_bool();
  if (const json::object* progress = object_of(object, "progress")) {
    status.processed = number_of(*progress, "processed");
    status.total = number_of(*progress, "total");
  }
  if (const json::object* results = object_of(object, "results")) {
    status.results = JobStatus::Results{.successful = number_of(*results, "successful").value_or(0),
                                        .warnings = number_of(*results, "warnings").value_or(0),
                                        .errors = number_of(*results, "errors").value_or(0)};
  }
  return status;
}

LocalFinding finding_of(const json::object& object) {
  LocalFinding finding;
  finding.severity = text_of(object, "severity");
  finding.rule = text_of(object, "rule");
  finding.kind = text_of(object, "kind");
  finding.item = text_of(object, "item");
  finding.file = text_of(object, "file");
  finding.pointer = text_of(object, "pointer");
  finding.message = text_of(object, "message");
  finding.advice = text_of(object, "advice");
  finding.line = static_cast<unsigned>(number_of(object, "line").value_or(0));
  finding.column = static_cast<unsigned>(number_of(object, "column").value_or(0));
  return finding;
}

/// "?a=b&c=d" of what is not empty.
std::string query_of(std::initializer_list<std::pair<std::string_view, std::string>> parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    query += (query.empty() ? "?" : "&") + std::string(name) + "=" + percent_encode(value);
  }
  return query;
}

/// The cursor of the next page; empty at the end.
std::string next_of(const json::object& page) {
  if (const auto number = number_of(page, "next")) return std::to_string(*number);
  return text_of(page, "next");
}

/// The id in the Location of an accepted job.
Result<std::string> accepted_job(const HttpResponse& response) {
  constexpr std::string_view kMark = "/import/content/";
  const std::string_view location = response.header("location");
  const std::size_t begin = location.find(kMark);
  if (response.status != 202 || begin == std::string_view::npos) return not_understood("an accepted job");
  const std::string_view rest = location.substr(begin + kMark.size());
  return std::string(rest.substr(0, rest.find('/')));
}

/// "handbook.zip" of ".../handbook.zip", as people read it; of an undo the job that it takes back.
std::string subject_of(const json::object& job) {
  constexpr std::size_t kIdBeginning = 8;
  const json::value* source = job.if_contains("dataSource");
  if (source == nullptr || !source->is_object()) return text_of(job, "target").substr(0, kIdBeginning);
  const std::string whole = text_of(source->get_object(), "path");
  std::string_view path = whole;
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return percent_decode(name).value_or(std::string(name));
}

/// The rows of a page's member `name`; null where the page has none.
const json::array* rows_of(const json::object& page, std::string_view name) {
  const json::value* rows = page.if_contains(name);
  return rows == nullptr ? nullptr : rows->if_array();
}

}  // namespace

Result<JobStatus> read_status(std::string_view text) {
  WB_TRY(const json::object object, parse_object(text, "a job's status"));
  JobStatus status = status_of(object);
  if (status.status.empty()) return not_understood("a job's status");
  status.json = std::string(text);
  return status;
}

Result<std::string> JobClient::submit(bool validation, const std::string& body,
                                      const std::string& idempotency_key) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::string(Session::kBase) + (validation ? "/import/content/validate" : "/import/content");
  request.body = body;
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  if (!idempotency_key.empty()) request.headers.emplace_back("Idempotency-Key", idempotency_key);
  WB_TRY(const HttpResponse response, expect_success(session_.send(std::move(request))));
  return accepted_job(response);
}

Result<std::string> JobClient::start(const std::string& job, std::string_view action,
                                     const std::string& body) {
  HttpRequest request;
  request.method = "POST";
  request.url = path_of(job, "/" + std::string(action));
  request.body = body;
  request.headers = {{"Accept", "application/json"}};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  WB_TRY(const HttpResponse response, expect_success(session_.send(std::move(request))));
  return accepted_job(response);
}

Result<json::value> JobClient::read(const std::string& job, const std::string& path, Query query) {
  HttpRequest request;
  request.url = path_of(job, path) + query_of(query);
  request.headers = {{"Accept", "application/json"}};
  WB_TRY(const HttpResponse response, expect_success(session_.send(std::move(request))));
  WB_TRY(json::object object, parse_object(response.body, "an answer about a job"));
  return json::value(std::move(object));
}

Result<void> JobClient::export_findings(const std::string& job, std::string_view media_type, Query query,
                                        const std::function<bool(std::string_view)>& sink) {
  HttpRequest request;
  request.url = path_of(job, "/findings") + query_of(query);
  request.timeout = Milliseconds(0);
  request.headers = {{"Accept", std::string(media_type)}};
  request.sink = sink;
  auto response = expect_success(session_.send(std::move(request)));
  if (!response.ok()) return std::move(response).error();
  return {};
}

Result<std::vector<Local::Check>> JobClient::check_source(const json::object& source) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::string(Session::kBase) + "/import/sources/check";
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = json::serialize(json::object{{"dataSource", source}});
  request.timeout = kAnswerTime;
  WB_TRY(const HttpResponse response, expect_success(session_.send(std::move(request))));
  WB_TRY(const json::object answer, parse_object(response.body, "a check of a source"));
  const json::value* rows = answer.if_contains("checks");
  if (rows == nullptr || !rows->is_array()) return not_understood("a check of a source");
  std::vector<Local::Check> checks;
  for (const json::value& row : rows->get_array()) {
    const json::object* object = row.if_object();
    const json::value* fine = object == nullptr ? nullptr : object->if_contains("fine");
    if (fine == nullptr || !fine->is_bool()) return not_understood("a check of a source");
    Local::Check check;
    check.what = text_of(*object, "what");
    check.found = text_of(*object, "found");
    check.advice = text_of(*object, "advice");
    check.fine = fine->get_bool();
    checks.push_back(std::move(check));
  }
  return checks;
}

Result<std::optional<JobStatus>> JobClient::status(const std::string& job, const std::string& etag,
                                                   int wait_seconds) {
  HttpRequest request;
  request.url = path_of(job, "/status");
  request.headers = {{"Accept", "application/json"}};
  if (!etag.empty()) request.headers.emplace_back("If-None-Match", etag);
  if (!etag.empty() && wait_seconds > 0) {
    request.headers.emplace_back("Prefer", "wait=" + std::to_string(wait_seconds));
    request.timeout = kAnswerTime + std::chrono::seconds(wait_seconds);
  }
  WB_TRY(const HttpResponse response, expect_success(session_.send(std::move(request))));
  if (response.status == 304) return std::optional<JobStatus>();
  WB_TRY(JobStatus status, read_status(response.body));
  status.etag = std::string(response.header("etag"));
  return std::optional<JobStatus>(std::move(status));
}

Result<void> JobClient::cancel(const std::string& job) {
  HttpRequest request;
  request.method = "POST";
  request.url = path_of(job, "/cancel");
  request.headers = {{"Accept", "application/json"}};
  auto response = expect_success(session_.send(std::move(request)));
  if (!response.ok()) return std::move(response).error();
  return {};
}

Result<std::vector<JobRow>> JobClient::jobs(const std::string& status, const std::string& type, int limit,
                                            const std::string& text) {
  std::vector<JobRow> rows;
  std::string after;
  do {
    const int page_limit = std::min(kPageSize, limit - static_cast<int>(rows.size()));
    HttpRequest request;
    request.url = std::string(Session::kBase) + "/import/content" +
                  query_of({{"status", status},
                            {"jobType", type},
                            {"q", text},
                            {"limit", std::to_string(page_limit)},
                            {"after", after}});
    request.headers = {{"Accept", "application/json"}};
    WB_TRY(const HttpResponse response, expect_success(session_.send(std::move(request))));
    WB_TRY(const json::object page, parse_object(response.body, "a list of jobs"));
    const json::array* jobs = rows_of(page, "jobs");
    if (jobs == nullptr) return not_understood("a list of jobs");
    for (const json::value& row : *jobs) {
      if (!row.is_object()) return not_understood("a list of jobs");
      const json::object& object = row.get_object();
      JobRow job{.id = text_of(object, "id"), .of = subject_of(object), .status = status_of(object)};
      job.status.json = json::serialize(row);
      rows.push_back(std::move(job));
    }
    after = next_of(page);
    if (jobs->empty()) break;
  } while (!after.empty() && static_cast<int>(rows.size()) < limit);
  return rows;
}

Result<void> JobClient::findings(
    const std::string& job, Query query,
    const std::function<bool(const LocalFinding&, const std::string& json)>& each) {
  std::string after;
  do {
    HttpRequest request;
    const std::string filter = query_of(query);
    request.url = path_of(job, "/findings") + filter + (filter.empty() ? "?" : "&") +
                  query_of({{"limit", std::to_string(kPageSize)}, {"after", after}}).substr(1);
    request.headers = {{"Accept", "application/json"}};
    WB_TRY(const HttpResponse response, expect_success(session_.send(std::move(request))));
    WB_TRY(const json::object page, parse_object(response.body, "a list of findings"));
    const json::array* findings = rows_of(page, "findings");
    if (findings == nullptr) return not_understood("a list of findings");
    for (const json::value& row : *findings) {
      if (!row.is_object()) return not_understood("a list of findings");
      if (!each(finding_of(row.get_object()), json::serialize(row))) return {};
    }
    after = next_of(page);
    if (findings->empty()) break;
  } while (!after.empty());
  return {};
}

Result<std::uint64_t> JobClient::log(const std::string& job, std::uint64_t offset,
                                     const std::function<bool(std::string_view)>& sink) {
  std::uint64_t received = 0;
  HttpRequest request;
  request.url = path_of(job, "/log");
  request.timeout = Milliseconds(0);
  request.headers = {{"Accept", "text/plain"}};
  if (offset > 0) request.headers.emplace_back("Range", "bytes=" + std::to_string(offset) + "-");
  request.sink = [&](std::string_view piece) {
    received += piece.size();
    return sink(piece);
  };
  auto response = session_.send(std::move(request));
  // RFC 9110, 15.5.17: nothing has been written since.
  if (response.ok() && response->status == 416) return std::uint64_t{0};
  response = expect_success(std::move(response));
  if (!response.ok()) return std::move(response).error();
  if (offset > 0 && response->status == 200 && received > 0) {
    return Error{ErrorCode::corrupt, "the server does not serve parts of a log (Range)"};
  }
  return received;
}

}  // namespace waybill::cli
