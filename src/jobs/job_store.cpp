#include "jobs/job_store.h"

namespace waybill::jobs {

Result<std::vector<Job>> JobStore::get_all(const std::vector<JobId>& ids) {
  std::vector<Job> jobs;
  for (const JobId& id : ids) {
    auto job = get(id);
    if (!job && job.error().code == ErrorCode::not_found) continue;
    if (!job) return std::move(job).error();
    job->source.credentials = {};
    jobs.push_back(*std::move(job));
  }
  return jobs;
}

}  // namespace waybill::jobs
