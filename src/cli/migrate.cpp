#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/local_arguments.h"

namespace waybill::cli {

int run_migrate(const MigrateArguments& arguments, const Console& console, const Local& local) {
  const auto steps = local.migrate(with_environment(arguments.local, console));
  if (!steps.ok()) return fail_here(console, "migrate", steps.error());
  if (arguments.json) {
    console.out << boost::json::serialize(boost::json::object{{"steps", *steps}}) << '\n';
  } else if (*steps == 0) {
    console.out << "The schema is up to date.\n";
  } else {
    console.out << "The schema was brought up to date in " << *steps
                << (*steps == 1 ? " step.\n" : " steps.\n");
  }
  return kFine;
}

}  // namespace waybill::cli
