#include "cli/commands.h"
#include "cli/local_arguments.h"

namespace waybill::cli {

int run_serve(const ServeArguments& arguments, const Console& console, const Local& local) {
  return local.serve(with_environment(arguments.local, console));
}

}  // namespace waybill::cli
