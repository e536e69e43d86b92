#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command_spec.h"
#include "cli/exit_status.h"

// The only file that sees CLI11: it is costly to compile.

namespace waybill::cli {

namespace {

constexpr const char* kPackageHelp =
    "A zip or folder on this machine, or a URI (s3://, sftp://, file://, upload://)";
constexpr const char* kSessionGroup = "Server";

constexpr const char* kFooter =
    "Exit status: 0 fine, 1 the content has errors, 2 wrong usage, 3 the job failed or was cancelled,\n"
    "4 the server could not be reached or refused.\n"
    "`waybill COMMAND --help` tells more of a command.";

constexpr const char* kPackFooter =
    "Titles become names: '/' is not allowed in a name and becomes '\u2215' (U+2215); a name that is taken "
    "in its\n"
    "folder gets \" (2)\". Directories become folders and topics. Images and other files that pages refer "
    "to\n"
    "become inline resources; links between pages stay as they are. Pages in another encoding than UTF-8\n"
    "are converted where they declare it. The same tree gives the same bytes; SOURCE_DATE_EPOCH sets the "
    "date.";

/// All that the options write into; lives as long as the parser.
struct Targets {
  ServeArguments serve;
  ImportArguments import;
  ValidateArguments validate;
  StatusArguments status;
  JobsArguments jobs;
  SearchArguments search;
  CancelArguments cancel;
  FindingsArguments findings;
  UndoArguments undo;
  RetryArguments retry;
  RerunArguments rerun;
  PreviewArguments preview;
  std::string shell;
  bool rerun_no_wait = false, undo_no_wait = false, retry_no_wait = false;
  LogArguments log;
  PackArguments pack;
  ClientArguments client;
  TokenArguments token;
  KeyArguments key;
  DoctorArguments doctor;
  BackupArguments backup;
  MigrateArguments migrate;
  VersionArguments version;
  std::vector<std::string> settings;  // --set name=value
  std::string data_dir, database, listen, via = "auto";
  bool no_wait = false;
};

void add_json(CLI::App* command, bool& json) {
  command->add_flag("--json", json, "JSON for scripts: one object, or one a line for streams");
}

void add_session(CLI::App* command, SessionArguments& session) {
  command->add_option("--server", session.server, "Address, http://host:port [WAYBILL_SERVER]")
      ->group(kSessionGroup);
  command->add_option("--token", session.token, "Access token [WAYBILL_TOKEN]")->group(kSessionGroup);
  command->add_option("--client-id", session.client_id, "Client [WAYBILL_CLIENT_ID]")->group(kSessionGroup);
  CLI::Option* secret =
      command->add_option("--client-secret", session.client_secret, "Its secret [WAYBILL_CLIENT_SECRET]")
          ->group(kSessionGroup);
  command
      ->add_option("--client-secret-file", session.client_secret_file,
                   "File with its secret: unlike --client-secret, not seen by other users of this machine")
      ->group(kSessionGroup)
      ->excludes(secret);
  command
      ->add_option("--data-dir", session.data_dir,
                   "Data folder of a server on this machine, with its local client [WAYBILL_DATA_DIR]")
      ->group(kSessionGroup);
  command->add_option("--ca-file", session.ca_file, "Authorities to trust for https (PEM)")
      ->group(kSessionGroup);
}

void add_local(CLI::App* command, LocalArguments& local, Targets& targets) {
  command->add_option("--data-dir", targets.data_dir, "Where the server keeps its data [./waybill-data]");
  command->add_option("--database", targets.database,
                      "PostgreSQL that many servers share, postgres://… [SQLite in the data folder]");
  command->add_option("--config", local.config_file, "Settings file (TOML)");
  command->add_option("--set", targets.settings, "One setting, as in the file: --set jobs.running=8")
      ->type_name("NAME=VALUE")
      ->take_all();
}

void add_source(CLI::App* command, SourceArguments& source) {
  const std::string s3 = "Package at s3://";
  const std::string sftp = "Package at sftp://";
  command->add_option("--region", source.region, "The bucket's region [AWS_REGION, the profile's]")
      ->group(s3);
  command->add_option("--profile", source.profile, "Profile in AWS's files [AWS_PROFILE, default]")
      ->group(s3);
  command->add_option("--user", source.user, "Whose account [the URI's, USER]")->group(sftp);
  CLI::Option* identity =
      command->add_option("--identity", source.identity, "Private key file [the agent's, ~/.ssh/id_…]")
          ->group(sftp);
  command
      ->add_option("--password-file", source.password_file,
                   "File with the password, or with the key's passphrase beside --identity")
      ->group(sftp);
  command->add_flag("--ask-password", source.ask_password, "Ask for a password, use no key")
      ->group(sftp)
      ->excludes(identity);
}

void add_via(CLI::App* command, Targets& targets) {
  command
      ->add_option("--via", targets.via,
                   "How a local package gets to the server: upload, file (the server reads the path itself), "
                   "or auto")
      ->check(CLI::IsMember({"auto", "upload", "file"}))
      ->capture_default_str();
}

void add_server_commands(CLI::App& app, Targets& t, const Local& local) {
  CLI::App* serve = app.add_subcommand("serve", "Serve the API and work on jobs until stopped");
  serve->add_option("--listen", t.listen, "Address and port [127.0.0.1:8080]")->type_name("ADDRESS:PORT");
  add_local(serve, t.serve.local, t);
  serve->footer([&local] {
    return "Settings (--set, the file, or WAYBILL_… in the environment):\n" +
           (local.settings_table ? local.settings_table() : std::string());
  });

  CLI::App* client = app.add_subcommand("client", "Clients of the embedded token issuer");
  client->require_subcommand(1);
  CLI::App* create = client->add_subcommand("create", "Make a client; prints its secret, once");
  create->add_option("--name", t.client.name, "What people call it")->required();
  create->add_option("--department", t.client.department, "The department it works for")->required();
  create->add_option("--scope", t.client.scopes, "A scope it may ask for (may be repeated)")->take_all();
  CLI::App* list = client->add_subcommand("list", "List the clients");
  CLI::App* revoke = client->add_subcommand("revoke", "Give it no more tokens");
  CLI::App* rotate = client->add_subcommand("rotate-secret", "Make a new secret; the old one ends");
  for (CLI::App* command : {revoke, rotate}) {
    command->add_option("ID", t.client.id, "The client's id")->required();
  }
  for (CLI::App* command : {create, list, revoke, rotate}) {
    add_local(command, t.client.local, t);
    add_json(command, t.client.json);
  }

  CLI::App* key = app.add_subcommand("key", "Signing keys of the embedded token issuer");
  key->require_subcommand(1);
  CLI::App* rotate_key = key->add_subcommand("rotate", "Sign with a new key; live tokens stay good");
  add_local(rotate_key, t.key.local, t);
  add_json(rotate_key, t.key.json);

  CLI::App* doctor =
      app.add_subcommand("doctor", "Check this machine and the data folder, or the way to a package");
  doctor->add_option("PACKAGE", t.doctor.package, kPackageHelp);
  doctor->add_flag("--settings", t.doctor.settings, "Print the table of settings");
  doctor->add_flag("--health", t.doctor.health, "Only ask the server that runs here for its health");
  add_source(doctor, t.doctor.source);
  add_local(doctor, t.doctor.local, t);
  add_json(doctor, t.doctor.json);

  CLI::App* backup = app.add_subcommand("backup", "Copy the data folder, also beside a running server");
  backup->add_option("TARGET", t.backup.target, "A folder that is not there yet")->required();
  add_local(backup, t.backup.local, t);
  add_json(backup, t.backup.json);

  CLI::App* migrate =
      app.add_subcommand("migrate", "Bring the database's schema up to date, and do nothing else");
  add_local(migrate, t.migrate.local, t);
  add_json(migrate, t.migrate.json);
}

void add_package_commands(CLI::App& app, Targets& t) {
  CLI::App* import = app.add_subcommand("import", "Import a package and follow the job");
  import->add_option("PACKAGE", t.import.package, kPackageHelp)->required();
  import->add_flag("--reimport", t.import.reimport, "Also update what is there already");
  import->add_option("--schedule", t.import.schedule, "When to start: 2024-03-01T10:00:00Z, or +90m");
  import->add_option("--stop", t.import.stop, "When to stop at the latest, in the same form");
  import->add_option("--idempotency-key", t.import.idempotency_key, "The same key makes no second job");
  import->add_flag("--check", t.import.check,
                   "Only ask the server whether it gets at the package; start no job");
  import->add_flag("--no-wait", t.no_wait, "Print the job's id and do not follow it");
  add_via(import, t);
  add_source(import, t.import.source);
  add_json(import, t.import.json);
  add_session(import, t.import.session);

  CLI::App* validate = app.add_subcommand("validate", "Check a package, by itself or against the server");
  validate->add_option("PACKAGE", t.validate.package, kPackageHelp)->required();
  validate->add_flag("--server-side", t.validate.server_side,
                     "Let the server do it, which also compares with what it holds");
  validate->add_flag("--reimport", t.validate.reimport,
                     "Speak of an import that also updates (--server-side)");
  validate->add_flag("--all", t.validate.all, "Print every finding, not the first ones of each rule");
  validate->add_option("--sarif-file", t.validate.sarif_file,
                       "Also write the findings there as SARIF 2.1.0, for reviews");
  add_via(validate, t);
  add_source(validate, t.validate.source);
  add_json(validate, t.validate.json);
  add_session(validate, t.validate.session);

  CLI::App* pack = app.add_subcommand("pack", "Make a package of a tree of HTML files");
  pack->add_option("DIR", t.pack.folder, "The tree")->required();
  pack->add_option("-o,--output", t.pack.output, "The package to write")->required();
  pack->add_option("--name", t.pack.name, "The package's name [the folder's]");
  pack->add_option("--language", t.pack.language, "The pages' language")->capture_default_str();
  pack->add_option("--folder", t.pack.top_folder, "The folder above all [the name]");
  pack->add_option("--portal", t.pack.portal, "The portal that shows all [the name]");
  pack->footer(kPackFooter);
  add_json(pack, t.pack.json);
}

void add_job_commands(CLI::App& app, Targets& t) {
  const auto job_command = [&app](const char* name, const char* about, std::string& job, bool& json,
                                  SessionArguments& session) {
    CLI::App* command = app.add_subcommand(name, about);
    command->add_option("JOB", job, "The job's id")->required();
    add_json(command, json);
    add_session(command, session);
    return command;
  };
  CLI::App* status = job_command("status", "How a job stands", t.status.job, t.status.json, t.status.session);
  status->add_flag("-w,--watch", t.status.watch, "Follow it to its end");

  CLI::App* jobs = app.add_subcommand("jobs", "List jobs, newest first");
  jobs->add_option("--status", t.jobs.status, "Only those")
      ->check(CLI::IsMember({"Scheduled", "In Progress", "Successful", "Failed", "Cancelled"}));
  jobs->add_option("--type", t.jobs.type, "Only those")
      ->check(CLI::IsMember({"Import", "Validation", "Undo"}));
  jobs->add_option("--text", t.jobs.text, "Only those with this text in their path, id or error");
  jobs->add_option("--limit", t.jobs.limit, "How many at most")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  jobs->add_flag("-w,--watch", t.jobs.watch, "Show them as they go on, until Ctrl-C");
  add_json(jobs, t.jobs.json);
  add_session(jobs, t.jobs.session);

  CLI::App* search = app.add_subcommand("search", "Search the articles of the knowledge base, best first");
  search->add_option("QUERY", t.search.query, "Words; \"in quotes\" for a phrase")->required();
  search->add_option("--limit", t.search.limit, "How many at most")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  add_json(search, t.search.json);
  add_session(search, t.search.session);

  job_command("cancel", "Cancel a job; what it has imported stays", t.cancel.job, t.cancel.json,
              t.cancel.session);

  CLI::App* undo = job_command("undo", "Take a job back: what it made goes, what it updated is as before",
                               t.undo.job, t.undo.json, t.undo.session);
  undo->add_flag("--no-wait", t.undo_no_wait, "Print the undo's id and do not follow it");
  CLI::App* retry = job_command("retry", "Go on with a failed or cancelled job where it stopped", t.retry.job,
                                t.retry.json, t.retry.session);
  retry->add_flag("--no-wait", t.retry_no_wait, "Do not follow it");

  CLI::App* rerun = job_command("rerun-failed", "Run again what a job did not bring in, and nothing else",
                                t.rerun.job, t.rerun.json, t.rerun.session);
  rerun->alias("repair");
  rerun->add_option("PACKAGE", t.rerun.package, "The corrected package [the same one]");
  rerun->add_flag("--reimport", t.rerun.reimport, "Also update what is there already");
  rerun->add_flag("--no-wait", t.rerun_no_wait, "Print the job's id and do not follow it");
  add_via(rerun, t);
  add_source(rerun, t.rerun.source);

  CLI::App* preview =
      job_command("preview", "What a validation says an import would do, or what a job has done",
                  t.preview.job, t.preview.json, t.preview.session);
  preview->add_option("--outcome", t.preview.outcome, "List the items with this outcome")
      ->check(CLI::IsMember({"created", "updated", "unchanged", "refused", "removed"}));
  preview->add_option("--item", t.preview.item, "Show what differs in this item, by its number in the list")
      ->check(CLI::Range(1, 1'000'000'000));
  preview->add_option("--limit", t.preview.limit, "How many items at most")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();

  CLI::App* findings = job_command("findings", "What a job has found in its package", t.findings.job,
                                   t.findings.json, t.findings.session);
  findings->add_option("--severity", t.findings.severity, "Only those")
      ->check(CLI::IsMember({"error", "warning", "remark"}));
  findings->add_option("--rule", t.findings.rule, "Only those of the rule, e.g. reference-broken");
  findings->add_option("--file", t.findings.file, "Only those in this file of the package");
  findings->add_option("--text", t.findings.text, "Only those with this text");
  findings->add_option("--format", t.findings.format, "How to print them")
      ->check(CLI::IsMember({"text", "json", "ndjson", "csv", "sarif"}))
      ->capture_default_str();
  findings->add_flag("--all", t.findings.all, "Print every finding, not the first ones of each rule");

  CLI::App* log = job_command("log", "A job's log", t.log.job, t.log.json, t.log.session);
  log->add_flag("-f,--follow", t.log.follow, "Go on as it grows, until the job ends");

  CLI::App* token = app.add_subcommand("token", "Print an access token, for curl and the like");
  token->add_option("--scope", t.token.scope, "What it shall allow [all that the client may]");
  add_json(token, t.token.json);
  add_session(token, t.token.session);

  CLI::App* completion =
      app.add_subcommand("completion", "Print a script that completes commands in a shell");
  completion->add_option("SHELL", t.shell, "Which shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  app.add_subcommand("man", "Print the manual page: waybill man | man -l -");

  CLI::App* version = app.add_subcommand("version", "Print the version");
  add_json(version, t.version.json);
}

// For completion and manual

/// "TEXT:{a,b}" → {"a", "b"}.
std::vector<std::string> choices_in(const std::string& type) {
  const auto open = type.find('{'), close = type.rfind('}');
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos || close < open) return choices;
  for (const auto each : split(std::string_view(type).substr(open + 1, close - open - 1), ','))
    choices.emplace_back(each);
  return choices;
}

OptionSpec spec_of(const CLI::Option& option) {
  OptionSpec spec;
  for (const auto& name : option.get_lnames()) spec.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) spec.names.push_back("-" + name);
  const std::string type = option.get_type_name();
  spec.choices = choices_in(type);
  if (option.get_expected_max() > 0 && option.get_type_size_max() > 0) {
    spec.value =
        spec.names.empty() ? option.get_name(true, false) : type.substr(0, type.find_first_of(":{ "));
    if (spec.value.empty()) spec.value = "VALUE";
  }
  spec.about = option.get_description();
  const std::string& name = spec.names.empty() ? spec.value : spec.names.front();
  for (const auto* word : {"file", "dir", "identity", "output", "config", "PACKAGE", "DIR"}) {
    spec.is_path = spec.is_path || name.find(word) != std::string::npos;
  }
  return spec;
}

CommandSpec spec_of(const CLI::App& app) {
  CommandSpec spec;
  spec.name = app.get_name();
  spec.about = app.get_description();
  for (const CLI::Option* option : app.get_options()) spec.options.push_back(spec_of(*option));
  for (const CLI::App* sub : app.get_subcommands(nullptr)) spec.commands.push_back(spec_of(*sub));
  return spec;
}

// What was meant

/// The innermost command that the arguments have reached.
const CLI::App* innermost(const CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return app;
}

std::string command_line_of(const CLI::App* app) {
  std::string line = app->get_name();
  for (const CLI::App* parent = app->get_parent(); parent != nullptr; parent = parent->get_parent()) {
    line = parent->get_name() + " " + line;
  }
  return line;
}

/// "Did you mean '--reimport'?" for an argument that nothing takes; empty where nothing is near.
std::string suggestion(const CLI::App* command, std::string_view argument) {
  std::vector<std::string> names;
  if (argument.starts_with('-')) {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const CLI::App* sub : command->get_subcommands(nullptr)) names.push_back(sub->get_name());
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto found = nearest(argument.substr(0, argument.find('=')), candidates);
  return found ? " Did you mean '" + std::string(*found) + "'?" : std::string();
}

std::string commands_of(const CLI::App* app) {
  std::string text;
  for (const CLI::App* sub : app->get_subcommands(nullptr)) {
    text += (text.empty() ? "" : ", ") + sub->get_name();
  }
  return text;
}

Parsed wrong_usage(const CLI::App* command, const std::string& what) {
  const std::string line = command_line_of(command);
  return {.command = std::nullopt,
          .status = kUsage,
          .text = line + ": " + what + "\nHelp: " + line + " --help\n"};
}

Parsed explain(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = innermost(&app);
  std::string extra;
  if (const auto left = app.remaining(true); !left.empty()) extra = left.front();
  const bool takes_command = !command->get_subcommands(nullptr).empty();
  // A misspelt command shows as a missing one, a misspelt option often as a missing required one.
  if (!extra.empty()) {
    const std::string shown = "'" + escape_controls(extra) + "'";
    if (takes_command && !extra.starts_with('-')) {
      return wrong_usage(command, "there is no command " + shown + "." + suggestion(command, extra) +
                                      " Expected one of: " + commands_of(command) + ".");
    }
    return wrong_usage(command, "unexpected argument " + shown + "." + suggestion(command, extra));
  }
  if (takes_command) return wrong_usage(command, "expected a command: " + commands_of(command) + ".");
  return wrong_usage(command, std::string(error.what()) + ".");
}

/// --data-dir, --database, --listen and --set as overrides; an error text where a --set is none.
std::string set_overrides(const Targets& targets, LocalArguments& local) {
  for (const std::string& setting : targets.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return "--set expects NAME=VALUE, found '" + escape_controls(setting) + "'.";
    }
    local.overrides[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  if (!targets.data_dir.empty()) local.overrides["storage.data_dir"] = targets.data_dir;
  if (!targets.database.empty()) local.overrides["storage.database"] = targets.database;
  if (!targets.listen.empty()) local.overrides["server.listen"] = targets.listen;
  return {};
}

Via via_of(const std::string& text) {
  return text == "upload" ? Via::upload : text == "file" ? Via::file : Via::automatic;
}

Command command_of(const std::string& name, const CLI::App* inner, Targets& t) {
  if (name == "serve") return t.serve;
  if (name == "import") {
    t.import.wait = !t.no_wait;
    t.import.via = via_of(t.via);
    return t.import;
  }
  if (name == "validate") {
    t.validate.via = via_of(t.via);
    return t.validate;
  }
  if (name == "status") return t.status;
  if (name == "jobs") return t.jobs;
  if (name == "search") return t.search;
  if (name == "cancel") return t.cancel;
  if (name == "findings") return t.findings;
  if (name == "undo") {
    t.undo.wait = !t.undo_no_wait;
    return t.undo;
  }
  if (name == "retry") {
    t.retry.wait = !t.retry_no_wait;
    return t.retry;
  }
  if (name == "rerun-failed") {
    t.rerun.wait = !t.rerun_no_wait;
    t.rerun.via = via_of(t.via);
    return t.rerun;
  }
  if (name == "preview") return t.preview;
  if (name == "log") return t.log;
  if (name == "pack") return t.pack;
  if (name == "token") return t.token;
  if (name == "key") return t.key;
  if (name == "doctor") return t.doctor;
  if (name == "backup") return t.backup;
  if (name == "migrate") return t.migrate;
  if (name == "client") {
    using Action = ClientArguments::Action;
    const std::string& action = inner->get_name();
    t.client.action = action == "create"   ? Action::create
                      : action == "revoke" ? Action::revoke
                      : action == "list"   ? Action::list
                                           : Action::rotate_secret;
    return t.client;
  }
  return t.version;
}

}  // namespace

Parsed parse(int argc, const char* const* argv, const Local& local) {
  Targets targets;
  CLI::App app("Waybill imports packages of knowledge content into a knowledge base.", "waybill");
  app.require_subcommand(1);
  app.footer(kFooter);
  bool version = false;
  app.add_flag("--version", version, "Print the version");
  add_server_commands(app, targets, local);
  add_package_commands(app, targets);
  add_job_commands(app, targets);
  app.set_help_all_flag("--help-all", "Print the help of every command");  // after: not inherited

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {.command = std::nullopt, .status = kFine, .text = app.help()};
  } catch (const CLI::CallForAllHelp&) {
    return {.command = std::nullopt, .status = kFine, .text = app.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::ParseError& error) {
    if (version && app.get_subcommands().empty() && app.remaining(true).empty()) {
      return {.command = VersionArguments{}, .status = kFine, .text = {}};
    }
    return explain(app, error);
  }
  const CLI::App* inner = innermost(&app);
  if (inner->get_name() == "completion") {
    return {.command = std::nullopt, .status = kFine, .text = completion_script(spec_of(app), targets.shell)};
  }
  if (inner->get_name() == "man") {
    return {.command = std::nullopt, .status = kFine, .text = manual_page(spec_of(app), local.version)};
  }
  for (LocalArguments* arguments : {&targets.serve.local, &targets.client.local, &targets.key.local,
                                    &targets.doctor.local, &targets.backup.local, &targets.migrate.local}) {
    if (const std::string wrong = set_overrides(targets, *arguments); !wrong.empty()) {
      return wrong_usage(inner, wrong);
    }
  }
  return {.command = command_of(app.get_subcommands().front()->get_name(), inner, targets),
          .status = kFine,
          .text = {}};
}

}  // namespace waybill::cli
