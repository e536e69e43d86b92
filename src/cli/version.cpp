#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"

namespace waybill::cli {

int run_version(const VersionArguments& arguments, const Console& console, const Local& local) {
  if (arguments.json) {
    console.out << boost::json::serialize(boost::json::object{{"version", local.version}}) << '\n';
  } else {
    console.out << "waybill " << local.version << '\n';
  }
  return kFine;
}

}  // namespace waybill::cli
