#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/job_client.h"
#include "cli/session.h"

namespace waybill::cli {

/// What to do with a package on a server.
struct Submission {
  std::string package;  // a path on this machine, or a URI
  SourceArguments source;
  bool validation = false;
  bool reimport = false;
  std::string schedule, stop;  // as typed; empty: none
  std::string idempotency_key;
  std::string rerun_of = {};  // a job: run again what it did not bring in
  Via via = Via::automatic;
};

/// "s3://…": it begins with a scheme.
bool is_uri(std::string_view package);

/// Brings the package within the server's reach and submits the job. A local path goes as file:// where the
/// server runs on this machine and allows it, otherwise as an upload (a folder is zipped on the way). Returns
/// the job's id. Errors: not_found and invalid_argument (the arguments), those of JobClient, cancelled
/// (Ctrl-C).
Result<std::string> submit_package(Session& session, const Submission& submission, const Console& console,
                                   bool quiet);

/// Asks the server whether a job would get at the package, step by step; starts nothing and sends no package:
/// one that would be sent is a single check that says so. Errors: as submit_package().
Result<std::vector<Local::Check>> check_package(Session& session, const Submission& submission,
                                                const Console& console);

/// "2024-03-01T10:00:00Z" or "+90m" (s, m, h, d from now) as the API writes times. Errors: invalid_argument.
Result<std::string> moment(std::string_view text, std::string_view option, Time now);

}  // namespace waybill::cli
