#include <algorithm>
#include <atomic>

#include "api/answers.h"
#include "api/gate.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

using StatusPointer = std::shared_ptr<const jobs::Status>;

constexpr std::chrono::seconds kPollInterval{1};
constexpr std::chrono::seconds kLongestPollInterval{60};

std::chrono::seconds next_poll(const jobs::Status& status, Time now) {
  if (status.state != jobs::State::scheduled) return kPollInterval;
  return std::clamp(std::chrono::ceil<std::chrono::seconds>(status.due - now), kPollInterval,
                    kLongestPollInterval);
}

void answer_status(const Services& services, const Call& call, const StatusPointer& status,
                   std::optional<std::chrono::seconds> waited) {
  const Time now = services.clock.now();
  const auto text = services.status_writer.write(status, now);
  http::Response response;
  response.headers.set("Content-Type", "application/json");
  response.shared_body = text.body;
  if (!jobs::is_final(status->state)) {
    response.headers.set("Retry-After", std::to_string(next_poll(*status, now).count()));
  }
  if (waited) {
    response.headers.set("Preference-Applied", "wait=" + std::to_string(waited->count()));
  }
  call.answer(with_etag(call.request, text.etag, std::move(response)));
}

/// One held answer: given when the state changes or when its time is up, whichever comes first.
struct Wait {
  Wait(Call held, std::chrono::seconds time) : call(std::move(held)), longest(time) {}
  Call call;
  std::chrono::seconds longest;
  std::atomic<bool> answered{false};
};

void answer_latest(const Services& services, Wait& wait, const StatusPointer& before) {
  if (wait.answered.exchange(true)) return;
  const auto now_there = services.board.find(before->id);
  answer_status(services, wait.call, now_there ? now_there : before, wait.longest);
}

/// Never blocks a thread: the board calls when the state changes, the event loop when the time is up.
void hold(const Services& services, Call call, const StatusPointer& status, std::chrono::seconds longest) {
  const auto wait = std::make_shared<Wait>(std::move(call), longest);
  const auto handle = services.board.watch(status->id, status->state, [&services, wait, status] {
    // The publisher must not be held up: answer from an event loop.
    services.after(std::chrono::milliseconds(0),
                   [&services, wait, status] { answer_latest(services, *wait, status); });
  });
  services.after(longest, [&services, wait, status, handle] {
    services.board.unwatch(handle);
    answer_latest(services, *wait, status);
  });
}

/// Whether the caller names an answer that it has, and this is another: news is not held back. So a client
/// that sends the ETag of its last answer misses no state, however fast the job goes.
bool has_news(const Services& services, const http::Request& request, const StatusPointer& status) {
  if (!request.headers.get("If-None-Match")) return false;
  return !not_modified(request, services.status_writer.write(status, services.clock.now()).etag);
}

void answer_or_hold(const Services& services, Call call, const StatusPointer& status) {
  if (!may_see(*call.caller, status->department)) {
    return call.refuse(not_found("job"));
  }
  const auto wait = preferred_wait(call.request);
  if (wait && wait->count() > 0 && !jobs::is_final(status->state) &&
      !has_news(services, call.request, status)) {
    return hold(services, std::move(call), status, *wait);
  }
  answer_status(services, call, status, wait);
}

/// Not on the board: from the store, on the pool, and onto the board, so that the next poll finds it there.
void load(const Services& services, Call call) {
  auto job = find_job(services, call);
  if (!job.ok()) return call.refuse(job.error());
  services.board.publish_row(*job);
  auto status = services.board.find(job->id);
  if (!status) status = std::make_shared<const jobs::Status>(jobs::status_of(*job));
  answer_or_hold(services, std::move(call), status);
}

void handle(const Services& services, Call call) {
  const auto id = parse_job_id(call.request.path_values.at(0));
  if (!id) return call.refuse(not_found("job"));
  if (const auto status = services.board.find(*id)) return answer_or_hold(services, std::move(call), status);
  const auto waiting = std::make_shared<Call>(std::move(call));
  if (!services.post([&services, waiting] { load(services, std::move(*waiting)); })) {
    waiting->refuse({Code::unavailable, {}, {}, {{"Retry-After", "1"}}});
  }
}

}  // namespace

/// GET /import/content/{job_id}/status (contract, section 2).
Operation job_status() {
  Operation operation;
  operation.id = "getJobStatus";
  operation.method = "GET";
  operation.path = std::string(kBase) + "/import/content/{job_id}/status";
  operation.binding = Binding::department_or_admin;
  operation.runs = http::Route::Runs::loop;
  operation.handle = handle;
  return operation;
}

}  // namespace waybill::api
