#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/local.h"

namespace waybill::cli {

/// How to reach a server, from the flags of every command that talks to one. What is empty is looked up
/// (session.h).
struct SessionArguments {
  std::string server;
  std::string token;
  std::string client_id;
  std::string client_secret;
  std::filesystem::path client_secret_file;
  std::filesystem::path data_dir;
  std::filesystem::path ca_file;
};

/// How to get at a package that lies in a bucket or on an SFTP server (source_access.h).
struct SourceArguments {
  std::string region = {}, profile = {};     // s3://
  std::string user = {};                     // sftp://
  std::filesystem::path identity = {};       // sftp://: the private key
  std::filesystem::path password_file = {};  // its first line
  bool ask_password = false;                 // sftp://: no key, a password
};

enum class Via : std::uint8_t { automatic, upload, file };

struct ServeArguments {
  LocalArguments local;
};
struct ImportArguments {
  SessionArguments session;
  SourceArguments source;
  std::string package;  // a path on this machine, or a URI
  bool reimport = false;
  std::string schedule, stop;  // RFC 3339 or "+90m"; empty: none
  std::string idempotency_key;
  bool check = false;  // only ask whether the server would get at the package
  bool wait = true;
  Via via = Via::automatic;
  bool json = false;
};
struct ValidateArguments {
  SessionArguments session;
  SourceArguments source;
  std::string package;
  bool server_side = false;
  bool reimport = false;
  bool all = false;                       // print every finding, not the first of each rule
  std::filesystem::path sarif_file = {};  // empty: none
  Via via = Via::automatic;
  bool json = false;
};
struct StatusArguments {
  SessionArguments session;
  std::string job;
  bool watch = false;
  bool json = false;
};
/// For a command that starts something from a job that has ended.
struct JobActionArguments {
  SessionArguments session;
  std::string job;
  bool wait = true;
  bool json = false;
};
struct UndoArguments : JobActionArguments {};
struct RetryArguments : JobActionArguments {};
struct RerunArguments {
  SessionArguments session;
  SourceArguments source;
  std::string job;
  std::string package;  // empty: the same as before
  bool reimport = false;
  bool wait = true;
  Via via = Via::automatic;
  bool json = false;
};
struct PreviewArguments {
  SessionArguments session;
  std::string job;
  std::string outcome;  // list the items with it; empty: none
  int item = 0;         // show the difference of this one; 0: none
  int limit = 50;
  bool json = false;
};
struct JobsArguments {
  SessionArguments session;
  std::string status, type, text;
  int limit = 20;
  bool watch = false;
  bool json = false;
};
struct SearchArguments {
  SessionArguments session;
  std::string query;
  int limit = 10;
  bool json = false;
};
struct CancelArguments {
  SessionArguments session;
  std::string job;
  bool json = false;
};
struct FindingsArguments {
  SessionArguments session;
  std::string job;
  std::string severity, rule, file, text;
  std::string format = "text";  // text, json, ndjson, csv, sarif
  bool all = false;
  bool json = false;
};
struct LogArguments {
  SessionArguments session;
  std::string job;
  bool follow = false;
  bool json = false;
};
struct PackArguments {
  std::filesystem::path folder;
  std::filesystem::path output;
  std::string name;  // empty: the folder's
  std::string language = "en-US";
  std::string top_folder;  // empty: as `name`
  std::string portal;      // empty: as `name`
  bool json = false;
};
struct ClientArguments {
  enum class Action : std::uint8_t { create, list, revoke, rotate_secret };
  Action action = Action::list;
  LocalArguments local;
  std::string name, department, id;
  std::vector<std::string> scopes;
  bool json = false;
};
struct TokenArguments {
  SessionArguments session;
  std::string scope;
  bool json = false;
};
struct KeyArguments {
  LocalArguments local;
  bool json = false;
};
struct DoctorArguments {
  LocalArguments local;
  SourceArguments source;
  std::string package;  // a path on this machine, or a URI; empty: the machine itself
  bool settings = false;
  bool health = false;  // ask the running server alone
  bool json = false;
};
struct MigrateArguments {
  LocalArguments local;
  bool json = false;
};

struct BackupArguments {
  LocalArguments local;
  std::filesystem::path target;
  bool json = false;
};
struct VersionArguments {
  bool json = false;
};

using Command = std::variant<ServeArguments, ImportArguments, ValidateArguments, StatusArguments,
                             JobsArguments, SearchArguments, CancelArguments, UndoArguments, RetryArguments,
                             RerunArguments, PreviewArguments, FindingsArguments, LogArguments, PackArguments,
                             ClientArguments, TokenArguments, KeyArguments, DoctorArguments, BackupArguments,
                             MigrateArguments, VersionArguments>;

/// A command to run, or text to print and the exit status to end with (help: 0, wrong usage: 2).
struct Parsed {
  std::optional<Command> command;
  int status = 0;
  std::string text;
};

/// Reads the command line. A wrong one is answered with what was expected, what may have been meant and where
/// help is. `local` gives the table of settings for the help of serve. Throws nothing.
Parsed parse(int argc, const char* const* argv, const Local& local);

}  // namespace waybill::cli
