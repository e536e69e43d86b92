#include <boost/json.hpp>

#include "api/answers.h"
#include "api/gate.h"
#include "api/operation.h"
#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kUsualLimit = 50;
constexpr std::size_t kMaxLimit = 500;
constexpr std::size_t kMaxTextCharacters = 255;

std::optional<ApiError> read_state(const http::Request& request, jobs::JobFilter& filter) {
  const auto text = parameter(request, "status");
  if (!text) return std::nullopt;
  filter.state = jobs::parse_state(*text);
  if (filter.state) return std::nullopt;
  return invalid_value("status must be Scheduled, In Progress, Successful, Failed or Cancelled.", "status",
                       std::string(*text));
}

std::optional<ApiError> read_type(const http::Request& request, jobs::JobFilter& filter) {
  const auto text = parameter(request, "jobType");
  if (!text) return std::nullopt;
  filter.type = jobs::parse_job_type(*text);
  if (filter.type) return std::nullopt;
  return invalid_value("jobType must be Import, Validation or Undo.", "jobType", std::string(*text));
}

std::optional<ApiError> read_after(const http::Request& request, jobs::JobFilter& filter) {
  const auto text = parameter(request, "after");
  if (!text) return std::nullopt;
  filter.after = parse_job_id(*text);
  if (filter.after) return std::nullopt;
  return invalid_value("after must be the 'next' of an earlier answer.", "after", std::string(*text));
}

std::optional<ApiError> read_text(const http::Request& request, jobs::JobFilter& filter) {
  filter.text = parameter(request, "q").value_or("");
  if (utf8_length(filter.text) <= kMaxTextCharacters) return std::nullopt;
  return invalid_value("q has at most " + std::to_string(kMaxTextCharacters) + " characters.", "q", "");
}

std::optional<ApiError> read_times(const http::Request& request, jobs::JobFilter& filter) {
  for (const auto& [name, time] : {std::pair("from", &filter.from), std::pair("to", &filter.to)}) {
    const auto text = parameter(request, name);
    if (!text) continue;
    *time = parse_time(*text);
    if (!*time) {
      return invalid_value(
          std::string(name) + " must be a time as in RFC 3339, e.g. 2024-03-01T10:00:00.000Z.", name,
          std::string(*text));
    }
  }
  return std::nullopt;
}

Outcome<jobs::JobFilter> read_filter(const Call& call) {
  jobs::JobFilter filter;
  if (!call.caller->admin()) filter.department = call.caller->department;
  for (auto* read : {read_state, read_type, read_text, read_times, read_after}) {
    if (auto error = read(call.request, filter)) return std::move(*error);
  }
  auto limit = read_limit(call.request, kUsualLimit, kMaxLimit);
  if (!limit.ok()) return std::move(limit.error());
  filter.limit = *limit;
  return filter;
}

json::object job_object(const Services& services, const jobs::Job& job) {
  json::object object{{"id", to_string(job.id)}};
  // The owner's is ahead of the row; what is shown of another node's job may be behind it.
  const auto live = services.board.find(job.id);
  const auto row = jobs::status_of(job);
  for (auto& [name, value] :
       status_object(live && live->version >= row.version ? *live : row, services.clock.now())) {
    object[name] = value;
  }
  object["created"] = format_time(job.created);
  object["department"] = job.department.value();
  object["client"] = job.client.value();
  if (job.target) object["target"] = to_string(*job.target);
  if (job.type == jobs::JobType::undo) return object;
  object["operation"] = jobs::to_string(job.operation);
  object["dataSource"] = json::object{{"type", jobs::to_string(job.source.type)}, {"path", job.source.path}};
  return object;
}

Outcome<http::Response> list(const Services& services, const Call& call) {
  auto filter = read_filter(call);
  if (!filter.ok()) return std::move(filter.error());
  const std::size_t limit = filter->limit++;  // one more tells whether there is a next page
  const auto jobs = services.jobs.list(*filter);
  if (!jobs) return fault(services, call.request, jobs.error());
  json::array rows;
  for (std::size_t i = 0; i < std::min(limit, jobs->size()); ++i) {
    rows.push_back(job_object(services, (*jobs)[i]));
  }
  json::object body{{"jobs", std::move(rows)}};
  if (jobs->size() > limit) body["next"] = to_string((*jobs)[limit - 1].id);
  return json_answer(200, body);
}

}  // namespace

/// GET /import/content (contract, section 5): newest first.
Operation list_jobs() {
  Operation operation;
  operation.id = "listJobs";
  operation.method = "GET";
  operation.path = std::string(kBase) + "/import/content";
  operation.binding = Binding::department_or_admin;
  operation.query = {{"status"}, {"jobType"}, {"q"}, {"from"}, {"to"}, {"limit"}, {"after"}};
  operation.handle = [](const Services& services, const Call& call) { call.finish(list(services, call)); };
  return operation;
}

}  // namespace waybill::api
