#include "cli/session.h"

#include <boost/json.hpp>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "cli/local_arguments.h"

namespace waybill::cli {

namespace {

namespace json = boost::json;

constexpr std::uint64_t kMaxClientFileBytes = 64 << 10;
constexpr std::string_view kDefaultServer = "http://127.0.0.1:8080";
constexpr std::string_view kClientFileName = "local-client.json";
constexpr std::chrono::seconds kRenewBefore{30};  // before a token's end
constexpr int kDefaultTokenSeconds = 300;         // where the server does not say how long it lives

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

/// The local client's files that may be there, nearest first.
std::vector<std::filesystem::path> client_files(const SessionArguments& arguments, const Console& console) {
  std::vector<std::filesystem::path> files;
  if (!arguments.data_dir.empty()) {
    files.push_back(arguments.data_dir / kClientFileName);
    return files;  // who names a folder means that one
  }
  if (const auto folder = console.variable("WAYBILL_DATA_DIR")) {
    files.push_back(std::filesystem::path(*folder) / kClientFileName);
    return files;
  }
  files.push_back(std::filesystem::path("waybill-data") / kClientFileName);
  if (const auto state = console.variable("XDG_STATE_HOME")) {
    files.push_back(std::filesystem::path(*state) / "waybill" / kClientFileName);
  } else if (const auto home = console.variable("HOME")) {
    files.push_back(std::filesystem::path(*home) / ".local/state/waybill" / kClientFileName);
  }
  files.push_back(std::filesystem::path(kInstalledData) / kClientFileName);
  return files;
}

Result<Account> read_client_file(const std::filesystem::path& file) {
  WB_TRY(const std::string text, read_file(file, kMaxClientFileBytes));
  boost::system::error_code failed;
  const json::value parsed = json::parse(text, failed);
  const json::object* object = failed ? nullptr : parsed.if_object();
  if (object == nullptr || text_of(*object, "server").empty()) {
    return Error{ErrorCode::invalid_argument,
                 file.string() +
                     " is not what `waybill serve` writes: expected {\"server\", \"client_id\", "
                     "\"client_secret\"}. Start `waybill serve` once more to have it made anew."};
  }
  return Account{.server = without_slash(text_of(*object, "server")),
                 .token = {},
                 .client_id = text_of(*object, "client_id"),
                 .client_secret = Secret(text_of(*object, "client_secret")),
                 .from = file.string()};
}

/// The first of the files that is there.
Result<std::optional<Account>> find_client_file(const SessionArguments& arguments, const Console& console) {
  for (const auto& file : client_files(arguments, console)) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) continue;
    WB_TRY(Account account, read_client_file(file));
    return std::optional<Account>(std::move(account));
  }
  return std::optional<Account>();
}

/// Credentials of the flags, or of the environment; nullopt where neither names any.
Result<std::optional<Account>> given_credentials(const SessionArguments& arguments, const Console& console) {
  Account account;
  const auto value = [&](const char* name) { return console.variable(name).value_or(""); };
  std::string secret = arguments.client_secret;
  if (!arguments.client_secret_file.empty()) {
    WB_TRY(const std::string text, read_file(arguments.client_secret_file, kMaxClientFileBytes));
    secret = std::string(trim(text));
  }
  if (!arguments.token.empty()) {
    account.token = Secret(arguments.token);
    account.from = "--token";
  } else if (!arguments.client_id.empty()) {
    account.client_id = arguments.client_id;
    account.client_secret = Secret(secret.empty() ? value("WAYBILL_CLIENT_SECRET") : secret);
    account.from = "--client-id";
  } else if (const std::string token = value("WAYBILL_TOKEN"); !token.empty()) {
    account.token = Secret(token);
    account.from = "WAYBILL_TOKEN";
  } else if (const std::string id = value("WAYBILL_CLIENT_ID"); !id.empty()) {
    account.client_id = id;
    account.client_secret = Secret(secret.empty() ? value("WAYBILL_CLIENT_SECRET") : secret);
    account.from = "WAYBILL_CLIENT_ID";
  } else {
    return std::optional<Account>();
  }
  if (account.token.empty() && account.client_secret.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "the client " + account.client_id + " (from " + account.from +
                     ") has no secret: expected one in --client-secret-file, --client-secret or "
                     "WAYBILL_CLIENT_SECRET"};
  }
  return std::optional<Account>(std::move(account));
}

}  // namespace

Result<Account> find_account(const SessionArguments& arguments, const Console& console) {
  WB_TRY(std::optional<Account> given, given_credentials(arguments, console));
  const std::string named = without_slash(
      !arguments.server.empty() ? arguments.server : console.variable("WAYBILL_SERVER").value_or(""));
  if (!named.empty() && host_of(named).empty()) {
    return Error{ErrorCode::invalid_argument,
                 "\"" + escape_controls(named) +
                     "\" is no address of a server. Expected is http://host:port or https://host."};
  }
  if (given && !named.empty()) {
    given->server = named;
    return std::move(*given);
  }
  WB_TRY(std::optional<Account> local, find_client_file(arguments, console));
  if (given) {
    given->server = local ? local->server : std::string(kDefaultServer);
    return std::move(*given);
  }
  // A secret goes only to the server that it was made by.
  if (local && (named.empty() || named == local->server)) return std::move(*local);
  const std::string server = named.empty() ? std::string(kDefaultServer) : named;
  return Error{ErrorCode::permission_denied,
               "no credentials for " + server +
                   ": there is no local-client.json for it in the data folder. Start `waybill serve` on this "
                   "machine, name its folder with --data-dir, or give --client-id and "
                   "--client-secret-file, or WAYBILL_TOKEN."};
}

Session::Session(Account account, std::filesystem::path ca_file, const Clock& clock)
    : account_(std::move(account)), http_(std::move(ca_file)), clock_(clock) {}

Result<void> Session::fetch_token(const std::string& scope) {
  HttpRequest request;
  request.method = "POST";
  request.url = account_.server + "/oauth2/v2.0/token";
  request.body = "grant_type=client_credentials";
  if (!scope.empty()) request.body += "&scope=" + percent_encode(scope);
  // RFC 6749, 2.3.1: both are form-encoded before they are joined. RFC 4648, 4 for the header.
  std::string basic =
      percent_encode(account_.client_id) + ":" + percent_encode(account_.client_secret.reveal());
  std::string encoded = base64url_encode(basic);
  for (char& c : encoded) c = c == '-' ? '+' : c == '_' ? '/' : c;
  encoded.append((4 - encoded.size() % 4) % 4, '=');
  request.headers = {{"Authorization", "Basic " + encoded},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  WB_TRY(const HttpResponse response, http_.send(request));
  boost::system::error_code failed;
  const json::value parsed = json::parse(response.body, failed);
  const json::object* object = failed ? nullptr : parsed.if_object();
  if (response.status != 200 || object == nullptr || text_of(*object, "access_token").empty()) {
    std::string why = object == nullptr ? "" : text_of(*object, "error_description");
    if (why.empty() && object != nullptr) why = text_of(*object, "error");
    if (why.empty()) why = describe_refusal(response);
    const ErrorCode code = response.status >= 500 ? ErrorCode::unavailable : ErrorCode::permission_denied;
    return Error{code, account_.server + " gave no token to the client from " + account_.from + ": " +
                           escape_controls(why)};
  }
  token_ = Secret(text_of(*object, "access_token"));
  const json::value* life = object->if_contains("expires_in");
  std::int64_t seconds = kDefaultTokenSeconds;
  if (life != nullptr && life->is_int64()) seconds = life->get_int64();
  token_ends_ = clock_.steady() + std::chrono::seconds(seconds);
  return {};
}

Result<Secret> Session::access_token(const std::string& scope) {
  if (!account_.token.empty()) return account_.token;
  const bool good = !token_.empty() && token_ends_ && clock_.steady() + kRenewBefore < *token_ends_;
  if (!good || !scope.empty()) WB_CHECK_OK(fetch_token(scope));
  return token_;
}

Result<HttpResponse> Session::send(HttpRequest request) {
  request.url = account_.server + request.url;
  WB_TRY(Secret token, access_token());
  request.headers.emplace_back("Authorization", "Bearer " + std::string(token.reveal()));
  WB_TRY(HttpResponse response, http_.send(request));
  if (response.status != 401 || !account_.token.empty()) return response;
  // The key may have been rotated away, or the server set up anew: once more with a fresh token.
  token_ = Secret();
  WB_TRY(token, access_token());
  request.headers.back().second = "Bearer " + std::string(token.reveal());
  return http_.send(request);
}

std::string describe_refusal(const HttpResponse& response) {
  const std::string status = "HTTP status " + std::to_string(response.status);
  boost::system::error_code failed;
  const json::value parsed = json::parse(response.body, failed);
  const json::object* object = failed ? nullptr : parsed.if_object();
  if (object == nullptr || !object->contains("code")) {
    return status + ", without an error in JSON: is this a Waybill server?";
  }
  std::string text = text_of(*object, "code") + ": " + text_of(*object, "developerMessage");
  const json::value* details = object->if_contains("details");
  if (details != nullptr && details->is_array()) {
    for (const json::value& row : details->get_array()) {
      if (!row.is_object()) continue;
      text += "\n  " + text_of(row.get_object(), "key") + ": " + text_of(row.get_object(), "value");
    }
  }
  std::string escaped;
  for (const std::string_view line : split(text, '\n')) {
    escaped += (escaped.empty() ? "" : "\n") + escape_controls(line);
  }
  return escaped;
}

Result<HttpResponse> expect_success(Result<HttpResponse> response) {
  if (!response.ok() || response->status < 400) return response;
  const auto code = [&] {
    switch (response->status) {
      case 404:
        return ErrorCode::not_found;
      case 409:
        return ErrorCode::conflict;
      case 413:
      case 429:
        return ErrorCode::limit_exceeded;
      case 502:
      case 503:
      case 504:
        return ErrorCode::unavailable;
      default:
        return ErrorCode::permission_denied;
    }
  }();
  const std::string refusal = describe_refusal(*response);
  return Error{code, "the server refused: " + refusal, refusal.substr(0, refusal.find(':'))};
}

}  // namespace waybill::cli
