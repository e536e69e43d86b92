#include "app/local_client.h"

#include <boost/json.hpp>
#include <cstdlib>

#include "auth/clients.h"
#include "observe/log.h"

namespace waybill::app {

namespace {

constexpr std::uint64_t kFileBytes = 64 * 1024;
constexpr unsigned kOwnerOnly = 0600;

struct Credentials {
  std::string id, secret;
};

/// A text member of the file of an earlier start; empty where either is missing or not ours.
std::string read_member(const std::filesystem::path& file, std::string_view name) {
  const auto text = read_file(file, kFileBytes);
  if (!text) return {};
  boost::system::error_code failed;
  const auto value = boost::json::parse(*text, failed);
  if (failed || !value.is_object()) return {};
  const auto* member = value.as_object().if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->as_string()) : std::string();
}

std::optional<Credentials> read_credentials(const std::filesystem::path& file) {
  Credentials credentials{read_member(file, "client_id"), read_member(file, "client_secret")};
  if (credentials.id.empty() || credentials.secret.empty()) return std::nullopt;
  return credentials;
}

Result<Credentials> make_credentials(auth::ClientStore& clients, const Clock& clock) {
  WB_TRY(const auto made,
         auth::make_client("local", "default", {"knowledge.contentmgr.manage", "knowledge.contentmgr.read"},
                           clock.now()));
  WB_CHECK_OK(clients.add(made.client));
  return Credentials{made.client.id.value(), std::string(made.secret.reveal())};
}

std::filesystem::path state_file() {
  // Read at start, before other threads run: getenv is not safe beside setenv.
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (state != nullptr && *state != '\0')
    return std::filesystem::path(state) / "waybill" / "local-client.json";
  if (home == nullptr || *home == '\0') return {};
  return std::filesystem::path(home) / ".local" / "state" / "waybill" / "local-client.json";
}

}  // namespace

Result<void> publish_local_client(const DataPaths& paths, auth::ClientStore& clients,
                                  const std::string& server, const Clock& clock) {
  auto credentials = read_credentials(paths.local_client);
  if (credentials) {
    const auto known = clients.get(ClientId(credentials->id));
    if (!known || known->revoked) credentials.reset();
  }
  if (!credentials) {
    WB_TRY(credentials, make_credentials(clients, clock));
  }
  const std::string text =
      boost::json::serialize(boost::json::object{
          {"server", server}, {"client_id", credentials->id}, {"client_secret", credentials->secret}}) +
      "\n";
  WB_CHECK_OK(write_file_atomically(paths.local_client, text, kOwnerOnly));
  const auto copy = state_file();
  if (copy.empty()) return {};
  std::error_code failed;
  std::filesystem::create_directories(copy.parent_path(), failed);
  if (const auto written = write_file_atomically(copy, text, kOwnerOnly); !written) {
    observe::log(observe::Level::warning, "app.local_client_not_copied",
                 {{"file", copy.string()}, {"reason", written.error().message}});
  }
  return {};
}

std::string published_server(const DataPaths& paths) {
  return read_member(paths.local_client, "server");
}

}  // namespace waybill::app
