#include <boost/json.hpp>

#include "api/answers.h"
#include "api/operation.h"
#include "auth/clients.h"
#include "auth/scopes.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kMaxForm = 16 * 1024;
constexpr double kMinute = 60;  // seconds

/// RFC 6749's own shapes (5.1, 5.2), not the contract's: what OAuth libraries read.
void handle(const Services& services, const Call& call) {
  const auto& headers = call.request.headers;
  const std::string address = address_key(call.request.peer);
  bool guessed = false;
  const auto may_guess = [&] {
    auto wait =
        services.guesses.take(address, services.guesses_per_minute / kMinute, services.clock.steady());
    guessed = !wait;
    return wait;
  };
  const auto result = services.grants.answer(
      {headers.get("Content-Type").value_or(""), headers.get("Authorization"), call.request.body, may_guess});
  // Right ones are not counted: many clients may share an address.
  if (guessed && result.issued) services.guesses.give_back(address);
  http::Response response;
  if (result.issued) {
    const auto life = std::chrono::duration_cast<std::chrono::seconds>(result.issued->life);
    response = json_answer(200, json::object{{"access_token", result.issued->token},
                                             {"token_type", "Bearer"},
                                             {"expires_in", life.count()},
                                             {"scope", auth::join_scopes(result.issued->scopes)}});
  } else {
    response = json_answer(result.status,
                           json::object{{"error", result.error}, {"error_description", result.description}});
    if (result.challenge_basic) {
      response.headers.set("WWW-Authenticate", R"(Basic realm="waybill", charset="UTF-8")");
    }
    if (result.status == 429) {
      response.headers.set("Retry-After", std::to_string(result.retry_after.count()));
    }
    if (result.status == 503) response.headers.set("Retry-After", "1");
  }
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("Pragma", "no-cache");
  call.answer(std::move(response));
}

}  // namespace

/// POST /oauth2/v2.0/token (RFC 6749, 4.4). The body's type is the grant's to refuse, in its own shape.
Operation issue_token() {
  Operation operation;
  operation.id = "issueToken";
  operation.method = "POST";
  operation.path = "/oauth2/v2.0/token";
  operation.access = Access::open;
  operation.binding = Binding::none;
  operation.produces = {};
  operation.max_body = kMaxForm;
  operation.handle = handle;
  return operation;
}

}  // namespace waybill::api
