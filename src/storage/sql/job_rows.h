#pragma once

#include "base/result.h"
#include "jobs/job.h"
#include "storage/sealer.h"
#include "storage/sql/query.h"

namespace waybill::storage::sql {

/// What credentials of a job are sealed for.
std::string credentials_context(const JobId& id);

/// The job of a row of `SELECT * FROM jobs`, without its credentials.
jobs::Job read_job(const Query& row);

/// The same with its credentials opened. Errors: corrupt.
Result<jobs::Job> read_job_with_credentials(const Query& row, const Sealer& sealer);

/// The credentials of the same row, into the job that was read from it. Errors: corrupt.
Result<void> read_credentials(const Query& row, const Sealer& sealer, jobs::Job& job);

/// Columns of `SELECT * FROM jobs` that are no member of a Job.
std::int64_t job_number(const Query& row);
std::int64_t last_entry(const Query& row);

}  // namespace waybill::storage::sql
