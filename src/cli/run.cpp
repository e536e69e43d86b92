#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"

namespace waybill::cli {

namespace {

/// One overload a command: std::visit finds it.
struct Runner {
  const Console& console;
  const Local& local;

  int operator()(const ServeArguments& a) const { return run_serve(a, console, local); }
  int operator()(const ImportArguments& a) const { return run_import(a, console); }
  int operator()(const ValidateArguments& a) const { return run_validate(a, console, local); }
  int operator()(const StatusArguments& a) const { return run_status(a, console); }
  int operator()(const JobsArguments& a) const { return run_jobs(a, console); }
  int operator()(const SearchArguments& a) const { return run_search(a, console); }
  int operator()(const CancelArguments& a) const { return run_cancel(a, console); }
  int operator()(const UndoArguments& a) const { return run_undo(a, console); }
  int operator()(const RetryArguments& a) const { return run_retry(a, console); }
  int operator()(const RerunArguments& a) const { return run_rerun_failed(a, console); }
  int operator()(const PreviewArguments& a) const { return run_preview(a, console); }
  int operator()(const FindingsArguments& a) const { return run_findings(a, console); }
  int operator()(const LogArguments& a) const { return run_log(a, console); }
  int operator()(const PackArguments& a) const { return run_pack(a, console, local); }
  int operator()(const ClientArguments& a) const { return run_client(a, console, local); }
  int operator()(const TokenArguments& a) const { return run_token(a, console); }
  int operator()(const KeyArguments& a) const { return run_key(a, console, local); }
  int operator()(const DoctorArguments& a) const { return run_doctor(a, console, local); }
  int operator()(const BackupArguments& a) const { return run_backup(a, console, local); }
  int operator()(const MigrateArguments& a) const { return run_migrate(a, console, local); }
  int operator()(const VersionArguments& a) const { return run_version(a, console, local); }
};

}  // namespace

int run_with(int argc, const char* const* argv, const Local& local, const Console& console) {
  const Parsed parsed = parse(argc, argv, local);
  if (!parsed.command) {
    (parsed.status == kFine ? console.out : console.err) << parsed.text << std::flush;
    return parsed.status;
  }
  const int status = std::visit(Runner{console, local}, *parsed.command);
  console.out.flush();
  return status;
}

int run(int argc, const char* const* argv, const Local& local) {
  const Console console = process_console();
  return run_with(argc, argv, local, console);
}

}  // namespace waybill::cli
