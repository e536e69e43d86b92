#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/http_client.h"

namespace waybill::cli {

/// Where the server is and who we are to it.
struct Account {
  std::string server;  // without a trailing slash
  Secret token;        // given as it is; then the client is not used
  std::string client_id;
  Secret client_secret;
  std::string from;  // where the credentials were found, for messages: "WAYBILL_TOKEN"
};

/// Looks for server and credentials, each in this order: flags; WAYBILL_SERVER, WAYBILL_TOKEN,
/// WAYBILL_CLIENT_ID and WAYBILL_CLIENT_SECRET; the local client's file (local-client.json) in the data
/// folder (--data-dir, WAYBILL_DATA_DIR, ./waybill-data), then in
/// ${XDG_STATE_HOME:-$HOME/.local/state}/waybill, then in the installed service's data, which root may read.
/// The file's credentials are for the file's server alone. Errors: invalid_argument, permission_denied
/// (nothing found), and those of reading a file.
Result<Account> find_account(const SessionArguments& arguments, const Console& console);

/// Requests to one server in the name of one client. One thread.
class Session {
 public:
  static constexpr std::string_view kBase = "/knowledge/contentmgr/v4";

  Session(Account account, std::filesystem::path ca_file, const Clock& clock = system_clock());

  /// Sends with a bearer token, which is fetched where there is none, near its end, or refused with 401.
  /// `request.url` is a path on the server ("/knowledge/…"). Any other HTTP status is a value. Errors:
  /// HttpClient's; permission_denied where the server gives no token.
  Result<HttpResponse> send(HttpRequest request);

  /// A good access token; `scope` empty: all that the client was granted. Errors: as send().
  Result<Secret> access_token(const std::string& scope = {});

  const std::string& server() const { return account_.server; }

 private:
  Result<void> fetch_token(const std::string& scope);

  Account account_;
  HttpClient http_;
  const Clock& clock_;
  Secret token_;
  std::optional<std::chrono::nanoseconds> token_ends_;  // by Clock::steady
};

/// A refusal by the server in one sentence: code, developerMessage, details. Escaped for a terminal.
std::string describe_refusal(const HttpResponse& response);

/// The value if the response has one of the statuses of success, else an Error with describe_refusal():
/// not_found (404), conflict (409), limit_exceeded (413, 429), unavailable (502, 503, 504), otherwise
/// permission_denied. Error::detail is the contract's code, "400-152".
Result<HttpResponse> expect_success(Result<HttpResponse> response);

}  // namespace waybill::cli
