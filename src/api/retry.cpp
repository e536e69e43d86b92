#include "api/gate.h"
#include "api/job_request.h"
#include "api/job_submit.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

/// The credentials of the next run: those of the request where the source needs any.
Outcome<Secret> read_credentials(const Services& services, const Call& call, const jobs::Job& job) {
  auto credentials = read_retry_request(call.request.body);
  if (!credentials.ok()) return credentials;
  if (job.type == jobs::JobType::undo) {  // reads from the store alone
    if (credentials->empty()) return credentials;
    return invalid_value("An undo reads no package and takes no credentials.", "dataSource", "");
  }
  jobs::DataSource source = job.source;
  source.credentials = *credentials;
  const auto fits = services.check_source(source, job.department);
  if (!fits && fits.error().code == ErrorCode::invalid_argument) {
    return invalid_value(fits.error().message, "dataSource.credentials", "");
  }
  return credentials;  // whatever else is wrong is the job's to find
}

void handle(const Services& services, const Call& call) {
  auto job = find_job(services, call);
  if (!job.ok()) return call.refuse(job.error());
  auto credentials = read_credentials(services, call, *job);
  if (!credentials.ok()) return call.refuse(credentials.error());
  const auto again = services.jobs.retry(job->id, call.caller->client, services.clock.now(), *credentials);
  if (!again && again.error().code == ErrorCode::conflict) {
    const auto undo = services.jobs.undo_of(job->id);
    if (!undo) return call.refuse(fault(services, call.request, undo.error()));
    if (*undo) {
      return call.refuse({Code::conflict,
                          "The job has been taken back by an undo and cannot go on. Start a new one.",
                          {{"undoneBy", to_string((*undo)->id)}}});
    }
    return call.refuse({Code::conflict,
                        "Only a Failed job that is retryable and a Cancelled one can be retried.",
                        {{"status", std::string(jobs::to_string(job->state))}}});
  }
  if (!again) return call.refuse(fault(services, call.request, again.error()));
  services.board.forget(job->id);
  services.board.publish_row(*again);
  accept(services, call, job->id);
}

}  // namespace

/// POST /import/content/{job_id}/retry (contract, section 5).
Operation retry_job() {
  Operation operation;
  operation.id = "retryJob";
  operation.method = "POST";
  operation.path = std::string(kBase) + "/import/content/{job_id}/retry";
  operation.access = Access::manage;
  operation.binding = Binding::department_or_admin;
  operation.produces = {};
  operation.consumes = {"application/json"};
  operation.body_optional = true;
  operation.handle = handle;
  return operation;
}

}  // namespace waybill::api
