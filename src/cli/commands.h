#pragma once

#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/local.h"

// One function a subcommand, each in a file of its name. All return the exit status (exit_status.h), having
// printed what there is to say.

namespace waybill::cli {

int run_serve(const ServeArguments& arguments, const Console& console, const Local& local);
int run_import(const ImportArguments& arguments, const Console& console);
int run_validate(const ValidateArguments& arguments, const Console& console, const Local& local);
int run_status(const StatusArguments& arguments, const Console& console);
int run_search(const SearchArguments& arguments, const Console& console);
int run_jobs(const JobsArguments& arguments, const Console& console);
int run_cancel(const CancelArguments& arguments, const Console& console);
int run_undo(const UndoArguments& arguments, const Console& console);
int run_retry(const RetryArguments& arguments, const Console& console);
int run_rerun_failed(const RerunArguments& arguments, const Console& console);
int run_preview(const PreviewArguments& arguments, const Console& console);
int run_findings(const FindingsArguments& arguments, const Console& console);
int run_log(const LogArguments& arguments, const Console& console);
int run_pack(const PackArguments& arguments, const Console& console, const Local& local);
int run_client(const ClientArguments& arguments, const Console& console, const Local& local);
int run_token(const TokenArguments& arguments, const Console& console);
int run_key(const KeyArguments& arguments, const Console& console, const Local& local);
int run_doctor(const DoctorArguments& arguments, const Console& console, const Local& local);
int run_backup(const BackupArguments& arguments, const Console& console, const Local& local);
int run_migrate(const MigrateArguments& arguments, const Console& console, const Local& local);
int run_version(const VersionArguments& arguments, const Console& console, const Local& local);

/// run() of local.h with the outside world given: what tests call.
int run_with(int argc, const char* const* argv, const Local& local, const Console& console);

}  // namespace waybill::cli
