#include "api/job_request.h"

#include <algorithm>
#include <boost/json.hpp>
#include <initializer_list>

#include "api/source_rules.h"
#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

constexpr std::chrono::days kMostAhead{7};

/// "line 3, column 14" of a byte; columns in code points.
std::string place_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(1 + utf8_length(before.substr(start)));
}

Outcome<json::object> parse_object(std::string_view body) {
  json::parser parser;
  boost::system::error_code ec;
  const std::size_t read = parser.write_some(body.data(), body.size(), ec);
  // What stands after the value is an error too.
  const bool rest = !ec && body.find_first_not_of(" \t\r\n", read) != std::string_view::npos;
  if (ec || rest) {
    const std::string place = place_of(body, read);
    return ApiError{Code::not_json,
                    "The body is not JSON: " + (rest ? "something stands after the end" : ec.message()) +
                        " at " + place + ".",
                    {{"body", place}}};
  }
  auto value = parser.release();
  if (!value.is_object()) return invalid_value("The body must be a JSON object.", "body", "");
  return std::move(value.get_object());
}

void read_schedule(Problems& problems, const json::object& object, Time now, JobRequest& request) {
  problems.only_known(object, "scheduleTime", {"date", "stopDate"});
  const auto date = problems.text(object, "scheduleTime", "date");
  const auto stop = problems.text(object, "scheduleTime", "stopDate");
  const auto time = [&](const std::optional<std::string>& text, const char* key) -> std::optional<Time> {
    if (!text) return std::nullopt;
    auto parsed = parse_time(*text);
    if (!parsed) {
      problems.add(key, *text, "must be a time as in RFC 3339 that exists, e.g. 2024-03-01T10:00:00.000Z");
    }
    return parsed;
  };
  const auto due = time(date, "scheduleTime.date");
  request.stop = time(stop, "scheduleTime.stopDate");
  if (due) request.due = *due;
  if (due && *due > now + kMostAhead) problems.limit("scheduleTime.date", *date, "7 days ahead");
  if (request.stop && (due || !date) && *request.stop <= request.due) {
    problems.add("scheduleTime.stopDate", *stop, "must be after the date");
  }
}

std::optional<jobs::Operation> read_operation(Problems& problems, const json::object& body, bool required) {
  const auto text = problems.text(body, "", "operation", required);
  if (!text) return std::nullopt;
  for (const auto operation : {jobs::Operation::import, jobs::Operation::reimport}) {
    if (*text == jobs::to_string(operation)) return operation;
  }
  problems.add("operation", *text, "must be \"import\" or \"reimport\"");
  return std::nullopt;
}

}  // namespace

Outcome<JobRequest> read_job_request(std::string_view body, jobs::JobType type, Time now) {
  auto parsed = parse_object(body);
  if (!parsed.ok()) return std::move(parsed.error());
  Problems problems;
  JobRequest request;
  request.due = now;
  problems.only_known(*parsed, "", {"dataSource", "operation", "scheduleTime"});
  if (const auto* source = problems.object(*parsed, "", "dataSource", true)) {
    read_source(problems, *source, request.source);
  }
  request.operation =
      read_operation(problems, *parsed, type == jobs::JobType::import).value_or(request.operation);
  if (const auto* schedule = problems.object(*parsed, "", "scheduleTime", false)) {
    read_schedule(problems, *schedule, now, request);
  }
  if (auto error = problems.error()) return std::move(*error);
  // In the past: due at once.
  request.due = std::max(request.due, now);
  return request;
}

Outcome<RerunRequest> read_rerun_request(std::string_view body, Time now) {
  RerunRequest rerun;
  rerun.due = now;
  if (body.empty()) return rerun;
  auto parsed = parse_object(body);
  if (!parsed.ok()) return std::move(parsed.error());
  Problems problems;
  problems.only_known(*parsed, "", {"dataSource", "operation", "scheduleTime"});
  if (const auto* source = problems.object(*parsed, "", "dataSource", false)) {
    read_source(problems, *source, rerun.source.emplace());
  }
  rerun.operation = read_operation(problems, *parsed, false);
  JobRequest times;
  times.due = now;
  if (const auto* schedule = problems.object(*parsed, "", "scheduleTime", false)) {
    read_schedule(problems, *schedule, now, times);
  }
  if (auto error = problems.error()) return std::move(*error);
  rerun.due = std::max(times.due, now);
  rerun.stop = times.stop;
  return rerun;
}

Outcome<jobs::DataSource> read_source_request(std::string_view body) {
  auto parsed = parse_object(body);
  if (!parsed.ok()) return std::move(parsed.error());
  Problems problems;
  jobs::DataSource source;
  problems.only_known(*parsed, "", {"dataSource"});
  if (const auto* object = problems.object(*parsed, "", "dataSource", true)) {
    read_source(problems, *object, source);
  }
  if (auto error = problems.error()) return std::move(*error);
  return source;
}

Outcome<Secret> read_retry_request(std::string_view body) {
  Secret credentials;
  if (body.empty()) return credentials;
  auto parsed = parse_object(body);
  if (!parsed.ok()) return std::move(parsed.error());
  Problems problems;
  problems.only_known(*parsed, "", {"dataSource"});
  if (const auto* source = problems.object(*parsed, "", "dataSource", false)) {
    read_source_credentials(problems, *source, credentials);
  }
  if (auto error = problems.error()) return std::move(*error);
  return credentials;
}

}  // namespace waybill::api
