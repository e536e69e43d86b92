#pragma once

#include "api/operation.h"

namespace waybill::api {

/// What POST /import/content and /import/content/validate share: checks the body, stores the job, answers 202
/// when it is on disk.
void submit_job(const Services& services, const Call& call, jobs::JobType type);

/// "/knowledge/contentmgr/v4/import/content/{id}/status".
std::string status_path(const JobId& id);

}  // namespace waybill::api
