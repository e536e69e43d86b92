#include "api/gate.h"
#include "api/job_request.h"
#include "api/job_submit.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

std::optional<ApiError> conflict(const char* why, const std::optional<Detail>& detail) {
  ApiError error{Code::conflict, why, {}};
  if (detail) error.details.push_back(*detail);
  return error;
}

Outcome<std::optional<ApiError>> refusal(const Services& services, const Call& call, const jobs::Job& job) {
  const Detail status{"status", std::string(jobs::to_string(job.state))};
  if (job.type != jobs::JobType::import) {
    return conflict("Only the items of an import can be run again.", std::nullopt);
  }
  if (!jobs::is_final(job.state)) {
    return conflict("The job has not ended. Wait for its end, or cancel it.", status);
  }
  if (job.state == jobs::State::successful && job.counts.errors == 0) {
    return conflict("No item of this job failed, so there is nothing to run again.", status);
  }
  const auto undo = services.jobs.undo_of(job.id);
  if (!undo) return fault(services, call.request, undo.error());
  if (*undo) {
    return conflict("The job has been taken back by an undo. Import the package anew.",
                    Detail{"undoneBy", to_string((*undo)->id)});
  }
  return std::optional<ApiError>();
}

void handle(const Services& services, const Call& call) {
  auto target = find_job(services, call);
  if (!target.ok()) return call.refuse(target.error());
  auto request = read_rerun_request(call.request.body, services.clock.now());
  if (!request.ok()) return call.refuse(request.error());
  auto refused = refusal(services, call, *target);
  if (!refused.ok()) return call.refuse(refused.error());
  if (*refused) return call.refuse(**refused);
  jobs::Job job = new_job(services, call, jobs::JobType::import, target->department);
  job.target = target->id;
  job.operation = request->operation.value_or(target->operation);
  job.due = request->due;
  job.stop = request->stop;
  if (request->source) {
    job.source = std::move(*request->source);
  } else {
    // What opened it was wiped at the job's end.
    job.source.type = target->source.type;
    job.source.path = target->source.path;
    job.source.region = target->source.region;
  }
  if (const auto wrong = check_source(services, call, job.source, job.department)) return call.refuse(*wrong);
  auto stored = store_job(services, call, job, std::nullopt);
  if (!stored.ok()) return call.refuse(stored.error());
  if (const auto& created = *stored; !created)
    return call.refuse(fault(services, call.request, created.error()));
  accept(services, call, job.id);
}

}  // namespace

/// POST /import/content/{job_id}/rerun-failed: an import of what that job, and the repairs before it, did not
/// bring in, from the same package or a corrected one.
Operation rerun_failed() {
  Operation operation;
  operation.id = "rerunFailed";
  operation.method = "POST";
  operation.path = std::string(kBase) + "/import/content/{job_id}/rerun-failed";
  operation.access = Access::manage;
  operation.binding = Binding::department_or_admin;
  operation.produces = {};
  operation.consumes = {"application/json"};
  operation.body_optional = true;
  operation.handle = handle;
  return operation;
}

}  // namespace waybill::api
