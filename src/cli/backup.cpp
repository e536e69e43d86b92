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
    boost::json::object object{
        {"folder", done->folder.string()}, {"files", done->files}, {"bytes", done->bytes}};
    if (!done->bucket.empty()) object["bucket"] = done->bucket;
    console.out << boost::json::serialize(object) << '\n';
  } else {
    console.out << "Backup of " << done->files << " files, " << done->bytes / 1'000'000 << " MB, in "
                << done->folder.string()
                << ".\nTo restore it: copy it to where the data is to be, and start `waybill serve "
                << "--data-dir COPY`.\n";
    if (!done->bucket.empty()) {
      console.out << "Attachments and uploads lie in " << done->bucket
                  << ", which the copy leans on: nothing is "
                  << "ever removed from there by Waybill.\n";
    }
  }
  return kFine;
}

}  // namespace waybill::cli
