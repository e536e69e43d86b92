#pragma once

#include <optional>
#include <string_view>

#include "api/error.h"
#include "base/time.h"
#include "jobs/job.h"

namespace waybill::api {

/// The body of POST /import/content and /import/content/validate, checked whole.
struct JobRequest {
  // A validation reports what an import of the same package would do (contract, section 2).
  jobs::Operation operation = jobs::Operation::import;
  jobs::DataSource source;
  Time due{};
  std::optional<Time> stop;
};

/// The body of POST …/rerun-failed: everything in it is optional, and so is the body.
struct RerunRequest {
  std::optional<jobs::Operation> operation;
  std::optional<jobs::DataSource> source;
  Time due{};
  std::optional<Time> stop;
};
Outcome<RerunRequest> read_rerun_request(std::string_view body, Time now);

/// Reads it strictly (contract, section 2): every offending member in one answer, by path, never with the
/// value of a credential. Refuses the sources that this server does not have yet. Pure.
Outcome<JobRequest> read_job_request(std::string_view body, jobs::JobType type, Time now);

/// The body of POST /import/sources/check: `dataSource` alone. Pure.
Outcome<jobs::DataSource> read_source_request(std::string_view body);

/// The body of a retry: nothing, or `dataSource.credentials`, which the job's end has wiped. Empty where none
/// are given. Pure.
Outcome<Secret> read_retry_request(std::string_view body);

}  // namespace waybill::api
