#include "storage/sql/job_rows.h"

namespace waybill::storage::sql {

namespace {

// The columns of the table `jobs` in their order there (sqlite/migrations/, postgres/migrations/).
enum Column : int {
  kNumber,
  kId,
  kDepartment,
  kClient,
  kType,
  kOperation,
  kSourceType,
  kSourcePath,
  kSourceRegion,
  kSealedCredentials,
  kTraceparent,
  kCreated,
  kDue,
  kStop,
  kState,
  kPhase,
  kStarted,
  kEnded,
  kTotal,
  kSuccessful,
  kWarnings,
  kErrors,
  kPosition,
  kSourceVersion,
  kLogLocation,
  kError,
  kRetryable,
  kEpoch,
  kOwner,
  kLeaseUntil,
  kCancelRequested,
  kCancelRequestedBy,
  kVersion,
  kLastEntry,
  kUndo,
  kTarget,
};

void read_request(const Query& row, jobs::Job& job) {
  job.id = row.job_id(kId);
  job.department = Department(row.string(kDepartment));
  job.client = ClientId(row.string(kClient));
  // In the table an undo is an import, so that the same index keeps both apart.
  job.type = row.integer(kUndo) != 0 ? jobs::JobType::undo : static_cast<jobs::JobType>(row.integer(kType));
  if (!row.is_null(kTarget)) job.target = row.job_id(kTarget);
  job.operation = static_cast<jobs::Operation>(row.integer(kOperation));
  job.source.type = static_cast<jobs::SourceType>(row.integer(kSourceType));
  job.source.path = row.string(kSourcePath);
  job.source.region = row.string(kSourceRegion);
  job.traceparent = row.string(kTraceparent);
  job.created = row.time(kCreated);
  job.due = row.time(kDue);
  job.stop = row.optional_time(kStop);
}

void read_course(const Query& row, jobs::Job& job) {
  job.state = static_cast<jobs::State>(row.integer(kState));
  job.phase = static_cast<jobs::Phase>(row.integer(kPhase));
  job.started = row.optional_time(kStarted);
  job.ended = row.optional_time(kEnded);
  job.total = row.optional_integer(kTotal);
  job.counts = {row.integer(kSuccessful), row.integer(kWarnings), row.integer(kErrors)};
  job.position = row.integer(kPosition);
  job.source_version = row.string(kSourceVersion);
  job.log_location = row.string(kLogLocation);
  job.error = row.string(kError);
  job.retryable = row.integer(kRetryable) != 0;
  job.epoch = Epoch(row.integer(kEpoch));
  job.owner = row.string(kOwner);
  job.lease_until = row.optional_time(kLeaseUntil);
  job.cancel_requested = row.optional_time(kCancelRequested);
  job.cancel_requested_by = row.string(kCancelRequestedBy);
  job.version = row.integer(kVersion);
}

}  // namespace

std::string credentials_context(const JobId& id) {
  return "credentials of job " + to_string(id);
}

jobs::Job read_job(const Query& row) {
  jobs::Job job;
  read_request(row, job);
  read_course(row, job);
  return job;
}

Result<jobs::Job> read_job_with_credentials(const Query& row, const Sealer& sealer) {
  jobs::Job job = read_job(row);
  WB_CHECK_OK(read_credentials(row, sealer, job));
  return job;
}

Result<void> read_credentials(const Query& row, const Sealer& sealer, jobs::Job& job) {
  if (row.is_null(kSealedCredentials)) return {};
  WB_TRY(job.source.credentials, sealer.open(row.text(kSealedCredentials), credentials_context(job.id)));
  return {};
}

std::int64_t job_number(const Query& row) {
  return row.integer(kNumber);
}
std::int64_t last_entry(const Query& row) {
  return row.integer(kLastEntry);
}

}  // namespace waybill::storage::sql
