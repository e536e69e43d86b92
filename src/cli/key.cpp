#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/local_arguments.h"

namespace waybill::cli {

int run_key(const KeyArguments& arguments, const Console& console, const Local& local) {
  const auto kid = local.key_rotate(of_this_machine(arguments.local, console));
  if (!kid.ok()) return fail_here(console, "key rotate", kid.error());
  if (arguments.json) {
    console.out << boost::json::serialize(boost::json::object{{"kid", *kid}}) << '\n';
  } else {
    console.out << "New tokens are signed with key " << *kid << "; live tokens stay good until they end.\n";
  }
  return kFine;
}

}  // namespace waybill::cli
