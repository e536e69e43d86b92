#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace waybill::cli {

/// Where the data and the settings of a server on this machine are, from flags shared by the commands below.
struct LocalArguments {
  std::filesystem::path config_file;             // empty: none
  std::map<std::string, std::string> overrides;  // "storage.data_dir" → "…"
};

/// A client as people see it; the secret only right after it was made.
struct LocalClient {
  std::string id, name, department, created, revoked, secret;
  std::vector<std::string> scopes;
};

/// A finding of a validation without a server.
struct LocalFinding {
  std::string severity, rule, kind, item, file, pointer, message, advice;
  unsigned line = 0, column = 0;
};

struct LocalProgress {
  std::string operation;  // "Processing content items"
  std::int64_t processed = 0;
  std::optional<std::int64_t> total;
};

struct LocalValidation {
  std::string status;  // "Successful", "Failed", "Cancelled"
  std::int64_t processed = 0, total = 0, successful = 0, warnings = 0, errors = 0;
  std::string error;  // Failed: one sentence
  bool retryable = false;
};

struct LocalBackup {
  std::filesystem::path folder;
  std::int64_t files = 0, bytes = 0;
  std::string bucket;  // what lies there is not in the copy; empty: all is
};

/// What the command line needs from the rest of the program on this machine. Filled in by app/, so that the
/// command line itself knows only HTTP. None throws.
struct Local {
  /// Serves until SIGTERM or SIGINT; returns the exit status, having printed what is wrong.
  std::function<int(const LocalArguments&)> serve;
  /// Validates a package with no server; `found` gets every finding as it comes, `progress` a few times a
  /// second. `sarif`, where it is not empty, names a file that the findings are also written to as SARIF.
  std::function<Result<LocalValidation>(const std::filesystem::path& package,
                                        const std::filesystem::path& sarif,
                                        const std::function<void(const LocalFinding&)>& found,
                                        const std::function<void(const LocalProgress&)>& progress)>
      validate;
  std::function<Result<LocalClient>(const LocalArguments&, const std::string& name,
                                    const std::string& department, const std::vector<std::string>& scopes)>
      client_create;
  std::function<Result<std::vector<LocalClient>>(const LocalArguments&)> client_list;
  std::function<Result<void>(const LocalArguments&, const std::string& id)> client_revoke;
  std::function<Result<LocalClient>(const LocalArguments&, const std::string& id)> client_rotate_secret;
  /// Makes a new signing key; tokens of the old ones stay good until they end. Returns the new kid.
  std::function<Result<std::string>(const LocalArguments&)> key_rotate;
  /// Copies the data folder, also beside a running server, to `target`, which must not be there.
  std::function<Result<LocalBackup>(const LocalArguments&, const std::filesystem::path& target)> backup;
  /// Brings the database's schema up to date; how many steps that took.
  std::function<Result<int>(const LocalArguments&)> migrate;
  /// One check of `waybill doctor`: what, whether it is fine, and what to do if not. A warning is fine and
  /// shows its advice all the same.
  struct Check {
    std::string what, found, advice;
    bool fine = true;
    bool warning = false;
  };
  std::function<std::vector<Check>(const LocalArguments&)> doctor;
  /// The same of one package's way here: `data_source` is a request's, in JSON.
  std::function<std::vector<Check>(const LocalArguments&, const std::string& data_source)> doctor_source;
  /// Where a program on this machine reaches the server. Errors: of the settings; not_found (never started).
  std::function<Result<std::string>(const LocalArguments&)> server_url;
  /// The table of settings, a line each, for --help and `waybill doctor --settings`.
  std::function<std::string()> settings_table;
  std::string version;
};

/// The whole command line: parses, runs one command, returns its exit status (design: 0 fine, 1 the content
/// has errors, 2 wrong usage, 3 the job failed, 4 the server could not be reached or refused).
int run(int argc, const char* const* argv, const Local& local);

}  // namespace waybill::cli
