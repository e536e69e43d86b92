#include "cli/source_access.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "base/files.h"
#include "base/text.h"
#include "cli/aws_profile.h"
#include "cli/http_client.h"
#include "cli/ssh_keys.h"

namespace waybill::cli {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t kMostKeyBytes = 16 * 1024;  // contract, section 2: privateKey
constexpr std::uint64_t kMostPasswordBytes = 4 * 1024;

json::string text_of(const Secret& secret) {
  return json::string(secret.reveal());
}

/// The first line of the file.
Result<Secret> read_password(const fs::path& file) {
  WB_TRY(std::string text, read_file(file, kMostPasswordBytes));
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty()) return Error{ErrorCode::invalid_argument, file.string() + " holds no password"};
  return Secret(std::move(text));
}

/// From --password-file, else asked for. `what` as in "the password of NAME at HOST".
Result<Secret> password(const SourceArguments& arguments, const Console& console, const std::string& what) {
  if (!arguments.password_file.empty()) return read_password(arguments.password_file);
  if (console.ask) {
    if (auto answer = console.ask("Please type " + what + ": ")) return std::move(*answer);
  }
  return Error{ErrorCode::invalid_argument,
               what +
                   " is needed, and there is no terminal to ask on: name a file that holds it with "
                   "--password-file"};
}

/// sftp://user@host/path in its parts.
struct SftpUri {
  std::string user;
  std::string host;  // with the port
  std::string bare;  // the URI without the user
};

Result<SftpUri> split_sftp(const std::string& uri) {
  const auto begin = uri.find("://") + 3;
  const auto end = std::min(uri.find('/', begin), uri.size());
  const std::string authority = uri.substr(begin, end - begin);
  const auto at = authority.rfind('@');
  SftpUri out{{}, authority, uri};
  if (at == std::string::npos) return out;
  const std::string user = authority.substr(0, at);
  if (user.find(':') != std::string::npos) {
    return Error{
        ErrorCode::invalid_argument,
        "a password does not belong into the URI, where others can see it: leave it out to be asked, or "
        "name a file with --password-file"};
  }
  const auto decoded = percent_decode(user);
  if (!decoded || decoded->empty()) {
    return Error{ErrorCode::invalid_argument,
                 "the user in " + escape_controls(uri) + " is not percent-encoded"};
  }
  out.user = *decoded;
  out.host = authority.substr(at + 1);
  out.bare = uri.substr(0, begin) + out.host + uri.substr(end);
  return out;
}

Result<void> add_key(const fs::path& file, const std::string& key, const SourceArguments& arguments,
                     const Console& console, json::object& credentials) {
  credentials.emplace("privateKey", key);
  if (!is_encrypted_key(key)) return {};
  WB_TRY(const Secret passphrase, password(arguments, console, "the passphrase of " + file.string()));
  credentials.emplace("passphrase", text_of(passphrase));
  return {};
}

/// --identity, or what ssh(1) would try; nothing where there is none.
Result<fs::path> key_file(const SourceArguments& arguments, const Console& console) {
  if (!arguments.identity.empty()) return arguments.identity;
  const auto home = console.variable("HOME");
  if (!home || arguments.ask_password || !arguments.password_file.empty()) return fs::path();
  const auto files = ssh_key_files(fs::path(*home) / ".ssh", console.variable("SSH_AUTH_SOCK").value_or(""));
  return files.empty() ? fs::path() : files.front();
}

Result<json::object> sftp_source(const std::string& uri, const SourceArguments& arguments,
                                 const Console& console) {
  WB_TRY(const SftpUri parts, split_sftp(uri));
  std::string user = arguments.user.empty() ? parts.user : arguments.user;
  if (user.empty()) user = console.variable("USER").value_or("");
  if (user.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "whose account at " + parts.host + "? Name the user with --user"};
  }
  json::object credentials{{"username", user}};
  WB_TRY(const fs::path file, key_file(arguments, console));
  if (file.empty()) {
    WB_TRY(const Secret typed,
           password(arguments, console, "the password of " + escape_controls(user + " at " + parts.host)));
    credentials.emplace("password", text_of(typed));
  } else {
    WB_TRY(const std::string key, read_file(file, kMostKeyBytes));
    WB_CHECK_OK(add_key(file, key, arguments, console, credentials));
  }
  return json::object{
      {"type", "Shared file path"}, {"path", parts.bare}, {"credentials", std::move(credentials)}};
}

/// Asks for a pair of keys; nothing where nobody answers.
std::optional<json::object> ask_keys(const Console& console) {
  if (!console.ask) return std::nullopt;
  const auto id = console.ask("AWS access key id (empty: the server's own): ");
  if (!id) return std::nullopt;
  const auto secret = console.ask("AWS secret access key: ");
  if (!secret) return std::nullopt;
  return json::object{{"accessKeyId", text_of(*id)}, {"secretAccessKey", text_of(*secret)}};
}

Result<json::object> s3_source(const std::string& uri, const SourceArguments& arguments,
                               const Console& console) {
  WB_TRY(const AwsProfile profile, find_aws_profile(arguments.profile, console));
  json::object source{{"type", "AWS S3 bucket"}, {"path", uri}};
  const std::string& region = arguments.region.empty() ? profile.region : arguments.region;
  if (!region.empty()) source.emplace("region", region);
  if (!profile.access_key_id.empty()) {
    json::object credentials{{"accessKeyId", profile.access_key_id},
                             {"secretAccessKey", text_of(profile.secret_access_key)}};
    if (!profile.session_token.empty()) credentials.emplace("sessionToken", text_of(profile.session_token));
    source.emplace("credentials", std::move(credentials));
  } else if (auto asked = ask_keys(console)) {
    source.emplace("credentials", std::move(*asked));
  }
  return source;
}

}  // namespace

Result<json::object> data_source(const std::string& uri, const SourceArguments& arguments,
                                 const Console& console) {
  const std::string lower = to_lower(uri);
  if (lower.starts_with("sftp://")) return sftp_source(uri, arguments, console);
  if (lower.starts_with("s3://")) return s3_source(uri, arguments, console);
  return json::object{{"type", "Shared file path"}, {"path", uri}};
}

std::string file_uri(const fs::path& path) {
  return "file://" + percent_encode(path.string(), "/");
}

Result<void> check_way(std::string_view server, const json::object& source) {
  if (!source.contains("credentials") || to_lower(server).starts_with("https://")) return {};
  if (is_loopback(host_of(server))) return {};
  return Error{ErrorCode::invalid_argument,
               "the credentials of the package would go to " + std::string(server) +
                   " unencrypted: give the server's https:// address with --server"};
}

}  // namespace waybill::cli
