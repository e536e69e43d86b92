#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/local_arguments.h"

namespace waybill::cli {

int run_backup(const BackupArguments& arguments, const Console& console, const Local& local) {
  const auto done = local.backup(of_this_machine(arguments.local, console), arguments.target);
  if (!done.ok()) return fail_here(console, "backup", done.error());
  if (arguments.json) {
    console.out << boost::json::serialize(boost::json::object{
                       {"folder", done->folder.string()}, {"files", done->files}, {"bytes", done->bytes}})
                << '\n';
  } else {
    console.out << "Backup of " << done->files << " files, " << done->bytes / 1'000'000 << " MB, in "
                << done->folder.string()
                << ".\nTo restore it: copy it to where the data is to be, and start `waybill serve "
                << "--data-dir COPY`.\n";
  }
  return kFine;
}

}  // namespace waybill::cli
