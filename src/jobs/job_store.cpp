#include "jobs/job_store.h"

#include <utility>

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

Result<EndedAndNext> JobStore::end_and_claim(const JobId& id, Epoch epoch, const Ending& ending, Time now,
                                             const std::string& owner, const ClaimLimits& limits) {
  WB_TRY(Job ended, end(id, epoch, ending));
  auto next = claim(now, owner, limits);
  return EndedAndNext{std::move(ended), next ? *std::move(next) : std::nullopt};
}

}  // namespace waybill::jobs
