#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "cli/console.h"
#include "cli/job_client.h"

namespace waybill::cli {

/// How following a job ended.
struct Followed {
  JobStatus status;          // the last one seen
  bool interrupted = false;  // by Ctrl-C: the job goes on
};

/// Waits for a job's end and shows its progress; `quiet` shows none. `changed` (may be empty) gets every
/// status that differs from the one before. A server that is away is tried again for a minute. Errors: as
/// JobClient.
Result<Followed> follow(JobClient& client, const std::string& job, const Console& console, bool quiet,
                        const std::function<void(const JobStatus&)>& changed);

/// What to say after Ctrl-C: that the job goes on, how to look at it and how to end it.
void tell_job_goes_on(const Console& console, const std::string& job);

/// The exit status of a job that ended: 0, 1 with item errors, 3 failed or cancelled. Of any other: 0.
int exit_status_of(const JobStatus& status);

/// A job's status for people, some lines.
void print_status(std::ostream& out, const std::string& job, const JobStatus& status, bool colour);

/// The status as one JSON object: the API's members after "id".
std::string status_json(const std::string& job, const JobStatus& status);

}  // namespace waybill::cli
