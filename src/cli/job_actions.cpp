#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/job_result.h"
#include "cli/submit.h"

// What a person does with a job that has ended.

namespace waybill::cli {

namespace {

int follow_started(JobClient& client, const std::string& job, bool wait, bool json, const Console& console,
                   const char* command) {
  if (wait) return follow_to_result(client, job, console, json, command);
  if (json) {
    console.out << boost::json::serialize(boost::json::object{{"id", job}}) << '\n';
  } else {
    console.out << job << '\n';
  }
  return kFine;
}

int start(const JobActionArguments& arguments, const Console& console, const char* action,
          const char* command) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, command, session.error());
  JobClient client(*session);
  const auto job = client.start(arguments.job, action, {});
  if (!job.ok()) return fail(console, command, job.error());
  return follow_started(client, *job, arguments.wait, arguments.json, console, command);
}

}  // namespace

int run_undo(const UndoArguments& arguments, const Console& console) {
  return start(arguments, console, "undo", "undo");
}

int run_retry(const RetryArguments& arguments, const Console& console) {
  return start(arguments, console, "retry", "retry");
}

int run_rerun_failed(const RerunArguments& arguments, const Console& console) {
  constexpr const char* kCommand = "rerun-failed";
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, kCommand, session.error());
  JobClient client(*session);
  Result<std::string> job = std::string();
  if (arguments.package.empty()) {
    job = client.start(arguments.job, kCommand, arguments.reimport ? R"({"operation":"reimport"})" : "");
  } else {
    Submission submission;
    submission.package = arguments.package;
    submission.source = arguments.source;
    submission.reimport = arguments.reimport;
    submission.via = arguments.via;
    submission.rerun_of = arguments.job;
    job = submit_package(*session, submission, console, arguments.json);
  }
  if (!job.ok()) return fail(console, kCommand, job.error());
  return follow_started(client, *job, arguments.wait, arguments.json, console, kCommand);
}

}  // namespace waybill::cli
