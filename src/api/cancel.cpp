#include "api/gate.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

ApiError ended(const jobs::Job& job) {
  return {Code::conflict,
          "The job has ended (" + std::string(jobs::to_string(job.state)) + ") and cannot be cancelled.",
          {{"status", std::string(jobs::to_string(job.state))}}};
}

void handle(const Services& services, const Call& call) {
  auto job = find_job(services, call);
  if (!job.ok()) return call.refuse(job.error());
  if (jobs::is_final(job->state)) return call.refuse(ended(*job));
  const auto state = services.jobs.request_cancel(job->id, call.caller->client, services.clock.now());
  if (!state && state.error().code == ErrorCode::conflict) {
    if (auto latest = services.jobs.get(job->id); latest.ok()) return call.refuse(ended(*latest));
  }
  if (!state) return call.refuse(fault(services, call.request, state.error()));
  services.cancel_running(job->id);
  services.wake();
  if (*state == jobs::State::cancelled) {
    if (const auto latest = services.jobs.get(job->id); latest.ok()) {
      services.board.publish_row(*latest);
    }
  }
  http::Response response;
  response.status = 204;
  call.answer(std::move(response));
}

}  // namespace

/// POST /import/content/{job_id}/cancel (contract, section 2). No body is asked for.
Operation cancel_job() {
  Operation operation;
  operation.id = "cancelJob";
  operation.method = "POST";
  operation.path = std::string(kBase) + "/import/content/{job_id}/cancel";
  operation.access = Access::manage;
  operation.binding = Binding::department_or_admin;
  operation.produces = {};
  operation.handle = handle;
  return operation;
}

}  // namespace waybill::api
