#include <charconv>

#include "api/event_feed.h"
#include "api/gate.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

/// The number of the last entry that the reader knows; 0 where it comes for the first time.
Outcome<std::int64_t> read_last(const http::Request& request) {
  std::string_view name = "Last-Event-ID";
  auto text = request.headers.get(name);
  if (!text) text = parameter(request, name = "lastEventId");
  if (!text || text->empty()) return std::int64_t{0};
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (problem == std::errc() && end == text->data() + text->size() && number >= 0) return number;
  return invalid_value(std::string(name) + " must be the id of an event of this stream.", std::string(name),
                       std::string(*text));
}

Outcome<http::Response> stream(const Services& services, const Call& call) {
  auto last = read_last(call.request);
  if (!last.ok()) return std::move(last.error());
  const auto findings = parameter(call.request, "findings").value_or("true");
  if (findings != "true" && findings != "false") {
    return invalid_value("findings must be true or false.", "findings", std::string(findings));
  }
  auto job = find_job(services, call);
  if (!job.ok()) return std::move(job.error());
  if (services.event_streams >= services.most_event_streams) {
    return ApiError{Code::unavailable,
                    "Too many event streams are open. Poll the status instead, or come again later.",
                    {},
                    {{"Retry-After", "30"}}};
  }
  http::Response response;
  response.headers.set("Content-Type", "text/event-stream");
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Accel-Buffering", "no");  // asks a proxy not to hold events back
  response.stream = std::make_shared<EventFeed>(services, job->id, *last, findings == "true")->start();
  return response;
}

}  // namespace

/// GET /import/content/{job_id}/events (contract, section 5): server-sent events; Last-Event-ID resumes.
Operation job_events() {
  Operation operation;
  operation.id = "streamJobEvents";
  operation.method = "GET";
  operation.path = std::string(kBase) + "/import/content/{job_id}/events";
  operation.binding = Binding::department_or_admin;
  operation.query = {{"findings"}, {"lastEventId"}};
  operation.produces = {"text/event-stream"};
  operation.handle = [](const Services& services, const Call& call) { call.finish(stream(services, call)); };
  return operation;
}

}  // namespace waybill::api
