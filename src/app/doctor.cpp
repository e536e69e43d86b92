#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>

#include "app/bucket.h"
#include "app/certificate_check.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/issuers.h"
#include "app/local_client.h"
#include "app/source_check.h"

namespace waybill::app {

namespace {

using Check = cli::Local::Check;

// Less than this, and an import of ordinary size may not fit.
constexpr std::uintmax_t kFewBytes = 1ULL << 30;
// Nothing of Waybill is older than this: a clock before it is wrong.
constexpr std::string_view kEarliest = "2024-01-01T00:00:00Z";

Check check_data_folder(const DataPaths& paths) {
  std::error_code failed;
  if (!std::filesystem::exists(paths.root, failed)) {
    return {"data folder", paths.root.string() + " is not there yet",
            "`waybill serve` makes it at its first start.", true};
  }
  const auto written = write_file_atomically(paths.root / "doctor-check", "ok\n", 0600);
  std::filesystem::remove(paths.root / "doctor-check", failed);
  if (written) return {"data folder", paths.root.string() + " can be written to", "", true};
  return {"data folder", written.error().message, "Make it belong to the user who runs the server.", false};
}

Check check_space(const DataPaths& paths) {
  std::error_code failed;
  auto folder = std::filesystem::absolute(paths.root, failed);
  while (!std::filesystem::exists(folder, failed) && folder.has_relative_path())
    folder = folder.parent_path();
  const auto space = std::filesystem::space(folder, failed);
  if (failed) return {"disk space", failed.message(), "Check the disk that holds the data folder.", false};
  const std::string left = std::to_string(space.available >> 20U) + " MiB free";
  return {"disk space", left,
          space.available < kFewBytes ? "Make room: imports fail when the disk is full." : "",
          space.available >= kFewBytes};
}

Check check_database(const config::Settings& settings, const DataPaths& paths) {
  const bool shared = !settings.storage.database.empty();
  std::error_code failed;
  if (!shared && !std::filesystem::exists(paths.root / "waybill.db", failed))
    return {"database", "not there yet", "", true};
  const auto store = open_store(settings, paths, system_clock());
  if (!store) {
    return {"database", store.error().message,
            shared ? "" : "Restore it from a backup, or ask for help with this line.", false};
  }
  if (const auto damage = (*store)->look_for_damage(UINT64_MAX); !damage) {
    return {"database", damage.error().message, "Stop the server, and restore the data folder from a backup.",
            false};
  }
  if (const auto answer = (*store)->ping(); !answer) {
    return {"database", answer.error().message, "Look at the server's log.", false};
  }
  if (shared) return {"database", "can be reached, has the schema of this program and answers", "", true};
  return {"database", "is whole, can be opened and answers", "", true};
}

void check_roots(const config::Settings& settings, std::vector<Check>& checks) {
  if (settings.sources.file_roots.empty()) {
    checks.push_back({"file roots", "none are set: file:// sources are refused, uploads work",
                      "Set sources.file_roots to the folders that packages may be read from.", true});
  }
  for (const auto& root : settings.sources.file_roots) {
    std::error_code failed;
    const std::filesystem::directory_iterator readable(root, failed);
    checks.push_back({"file root " + root.string(), failed ? failed.message() : "can be read",
                      failed ? "Make the folder, or correct sources.file_roots." : "", !failed});
  }
}

/// Where the server of this data folder listens: what its last start wrote down, else what the settings say.
std::string server_address(const config::Settings& settings, const DataPaths& paths) {
  const std::string url = published_server(paths);
  const auto host = url.find("://");
  return host == std::string::npos ? settings.server.listen : url.substr(host + 3);
}

Check check_server(const config::Settings& settings, const DataPaths& paths) {
  const std::string address = server_address(settings, paths);
  const auto endpoint = config::parse_endpoint(address);
  const std::string what = "server at " + address;
  if (!endpoint || endpoint->port == 0) return {what, "the kernel chooses the port at each start", "", true};
  boost::asio::io_context context;
  boost::asio::ip::tcp::resolver resolver(context);
  boost::asio::ip::tcp::socket socket(context);
  boost::system::error_code failed;
  const auto addresses = resolver.resolve(endpoint->address, std::to_string(endpoint->port), failed);
  if (!failed) boost::asio::connect(socket, addresses, failed);
  if (failed) return {what, "does not answer: " + failed.message(), "Start it with `waybill serve`.", false};
  return {what, "takes connections", "", true};
}

Check check_clock() {
  const Time now = system_clock().now();
  const bool fine = now > *parse_time(kEarliest);
  return {"clock", format_time(now), fine ? "" : "Set the clock: tokens and schedules depend on it.", fine};
}

}  // namespace

std::vector<cli::Local::Check> doctor(const cli::LocalArguments& arguments) {
  std::vector<Check> checks;
  const auto settings = load_settings(arguments);
  if (!settings) {
    checks.push_back({"settings", settings.error().message,
                      "Correct them; `waybill doctor --settings` lists all.", false});
    return checks;
  }
  checks.push_back({"settings", "are all valid", "", true});
  const DataPaths paths(settings->storage);
  checks.push_back(check_data_folder(paths));
  checks.push_back(check_space(paths));
  checks.push_back(check_database(*settings, paths));
  if (!settings->storage.bucket.empty()) checks.push_back(check_bucket(*settings));
  check_roots(*settings, checks);
  if (!settings->server.certificate.empty()) {
    checks.push_back(
        check_certificate(settings->server.certificate, settings->server.private_key, system_clock().now()));
  }
  checks.push_back(check_server(*settings, paths));
  checks.push_back(check_clock());
  for (auto& check : check_issuers(*settings)) checks.push_back(std::move(check));
  return checks;
}

std::vector<cli::Local::Check> doctor_source(const cli::LocalArguments& arguments,
                                             const std::string& data_source) {
  const auto settings = load_settings(arguments);
  if (!settings) {
    return {{"settings", settings.error().message, "Correct them; `waybill doctor --settings` lists all.",
             false}};
  }
  return check_source(*settings, DataPaths(settings->storage), data_source);
}

Result<std::string> server_url(const cli::LocalArguments& arguments) {
  WB_TRY(const auto settings, load_settings(arguments));
  const auto endpoint = config::parse_endpoint(settings.server.listen);
  if (!endpoint || endpoint->port == 0) {
    // The kernel chose the port: the server has written down which.
    const std::string url = published_server(DataPaths(settings.storage.data_dir));
    if (!url.empty()) return url;
    return Error{ErrorCode::not_found, "no server has been started on " + settings.storage.data_dir.string()};
  }
  // Who listens everywhere is also here.
  std::string host = endpoint->address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return (settings.server.certificate.empty() ? "http://" : "https://") + host + ":" +
         std::to_string(endpoint->port);
}

std::string settings_table() {
  std::string text;
  for (const auto& row : config::table()) {
    text += std::string(row.name) + "  (" + std::string(row.unit) + ", default " +
            (row.default_value.empty() ? "none" : std::string(row.default_value)) + ")\n    " +
            std::string(row.effect) + "\n";
  }
  return text;
}

}  // namespace waybill::app
