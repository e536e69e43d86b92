#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/job_client.h"

namespace waybill::cli {

int run_cancel(const CancelArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "cancel", session.error());
  JobClient client(*session);
  const auto done = client.cancel(arguments.job);
  if (!done.ok()) return fail(console, "cancel", done.error());
  if (arguments.json) {
    console.out << boost::json::serialize(
                       boost::json::object{{"id", arguments.job}, {"cancelRequested", true}})
                << '\n';
  } else {
    console.out << "Asked to stop: the current item is finished, no new one starts. What is imported stays.\n"
                << "  look: waybill status " << arguments.job << '\n';
  }
  return kFine;
}

}  // namespace waybill::cli
