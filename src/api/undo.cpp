#include <algorithm>

#include "api/gate.h"
#include "api/job_submit.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

ApiError undone_by(const jobs::Job& undo) {
  const char* advice = "The job is taken back already. Undo that undo to bring everything back.";
  if (!jobs::is_final(undo.state)) {
    advice = "The job is being taken back already. Wait for the end of that undo.";
  } else if (undo.state != jobs::State::successful) {
    advice = "The job has an undo that did not come to its end. Retry that one.";
  }
  return {Code::conflict, advice, {{"undoneBy", to_string(undo.id)}}};
}

/// Why the job cannot be taken back; nullopt where it can.
Outcome<std::optional<ApiError>> refusal(const Services& services, const Call& call, const jobs::Job& job) {
  const Detail status{"status", std::string(jobs::to_string(job.state))};
  if (job.type == jobs::JobType::validation) {
    return std::optional<ApiError>(
        {Code::conflict, "A validation changes nothing, so there is nothing to undo.", {}});
  }
  if (!jobs::is_final(job.state)) {
    return std::optional<ApiError>(
        {Code::conflict, "The job has not ended. Cancel it first, or wait for its end.", {status}});
  }
  const auto undo = services.jobs.undo_of(job.id);
  if (!undo) return fault(services, call.request, undo.error());
  if (*undo && !jobs::has_left_something(**undo)) return std::optional<ApiError>(undone_by(**undo));
  const auto counts = services.items.counts(job.id);
  if (!counts) return fault(services, call.request, counts.error());
  const bool changed = std::any_of(counts->begin(), counts->end(), [](const storage::OutcomeCount& count) {
    return count.outcome != knowledge::Outcome::refused && count.outcome != knowledge::Outcome::unchanged;
  });
  if (changed) return std::optional<ApiError>();
  return std::optional<ApiError>(
      {Code::conflict, "The job changed nothing, so there is nothing to undo.", {status}});
}

void handle(const Services& services, const Call& call) {
  auto target = find_job(services, call);
  if (!target.ok()) return call.refuse(target.error());
  auto refused = refusal(services, call, *target);
  if (!refused.ok()) return call.refuse(refused.error());
  if (*refused) return call.refuse(**refused);
  jobs::Job job = new_job(services, call, jobs::JobType::undo, target->department);
  job.target = target->id;
  auto stored = store_job(services, call, job, std::nullopt);
  if (!stored.ok()) return call.refuse(stored.error());
  if (const auto& created = *stored; !created) {
    if (created.error().code == ErrorCode::already_exists) {
      const auto undo = services.jobs.undo_of(target->id);
      if (undo && *undo) return call.refuse(undone_by(**undo));
    }
    return call.refuse(fault(services, call.request, created.error()));
  }
  accept(services, call, job.id);
}

}  // namespace

/// POST /import/content/{job_id}/undo: takes an ended import back as one step, by a job of its own. Once more
/// where an earlier undo has left something, or was itself undone.
Operation undo_job() {
  Operation operation;
  operation.id = "undoJob";
  operation.method = "POST";
  operation.path = std::string(kBase) + "/import/content/{job_id}/undo";
  operation.access = Access::manage;
  operation.binding = Binding::department_or_admin;
  operation.produces = {};
  operation.handle = handle;
  return operation;
}

}  // namespace waybill::api
