#include <boost/json.hpp>
#include <ostream>

#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/job_result.h"
#include "cli/submit.h"

namespace waybill::cli {

int run_import(const ImportArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "import", session.error());
  const Submission submission{.package = arguments.package,
                              .source = arguments.source,
                              .validation = false,
                              .reimport = arguments.reimport,
                              .schedule = arguments.schedule,
                              .stop = arguments.stop,
                              .idempotency_key = arguments.idempotency_key,
                              .via = arguments.via};
  if (arguments.check) {
    const auto checks = check_package(*session, submission, console);
    if (!checks.ok()) return fail(console, "import", checks.error());
    return print_checks(*checks, console, arguments.json) ? kFine : kContentErrors;
  }
  const auto job = submit_package(*session, submission, console, arguments.json);
  if (!job.ok()) return fail(console, "import", job.error());
  if (!arguments.wait) {
    if (arguments.json) {
      console.out << boost::json::serialize(boost::json::object{{"id", *job}}) << '\n';
    } else {
      console.out << *job << '\n';
    }
    return kFine;
  }
  JobClient client(*session);
  return follow_to_result(client, *job, console, arguments.json, "import");
}

}  // namespace waybill::cli
