#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/follow.h"

namespace waybill::cli {

int run_status(const StatusArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "status", session.error());
  JobClient client(*session);
  const std::string& job = arguments.job;
  if (!arguments.watch) {
    const auto status = client.status(job);
    if (!status.ok()) return fail(console, "status", status.error());
    if (arguments.json) {
      console.out << status_json(job, **status) << '\n';
    } else {
      print_status(console.out, job, **status, console.colour);
    }
    return exit_status_of(**status);
  }
  const auto changed = [&](const JobStatus& status) {
    if (arguments.json) console.out << status_json(job, status) << std::endl;
  };
  const auto followed = follow(client, job, console, arguments.json, changed);
  if (!followed.ok()) return fail(console, "status", followed.error());
  if (followed->interrupted) {
    tell_job_goes_on(console, job);
    return kInterrupted;
  }
  if (!arguments.json) print_status(console.out, job, followed->status, console.colour);
  return exit_status_of(followed->status);
}

}  // namespace waybill::cli
