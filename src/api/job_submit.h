#pragma once

#include "api/operation.h"

namespace waybill::api {

/// What POST /import/content and /import/content/validate share: checks the body, stores the job, answers 202
/// when it is on disk.
void submit_job(const Services& services, const Call& call, jobs::JobType type);

/// The source of a new job, looked at as far as can be told without reading. 400-152 otherwise.
std::optional<ApiError> check_source(const Services& services, const Call& call,
                                     const jobs::DataSource& source, const Department& department);
/// A job of the caller's with the time and the trace of the request; the rest is for whoever asked.
jobs::Job new_job(const Services& services, const Call& call, jobs::JobType type,
                  const Department& department);
/// Stores the job (429-100 where the client has too many), and tells the board. Errors: as JobStore::create.
Outcome<Result<jobs::Created>> store_job(const Services& services, const Call& call, const jobs::Job& job,
                                         const std::optional<jobs::IdempotencyKey>& key);
/// 202 with the Location of the job's status; wakes the scheduler.
void accept(const Services& services, const Call& call, const JobId& id);

/// "/knowledge/contentmgr/v4/import/content/{id}/status".
std::string status_path(const JobId& id);

}  // namespace waybill::api
