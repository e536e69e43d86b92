#include "api/gate.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "api/language.h"
#include "auth/scopes.h"
#include "base/text.h"

namespace waybill::api {

namespace {

ApiError no_token(std::string message) {
  std::string challenge = "Bearer error=\"invalid_token\", error_description=\"" + message + "\"";
  return {Code::no_token, std::move(message), {}, {{"WWW-Authenticate", std::move(challenge)}}};
}

ApiError keys_away(std::string message) {
  return {Code::unavailable, std::move(message), {}, {{"Retry-After", "5"}}};
}

std::optional<std::string_view> bearer_token(const http::Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const auto header = request.headers.get("Authorization");
  if (!header || !iequals(header->substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return trim(header->substr(kScheme.size()));
}

Outcome<std::shared_ptr<const auth::Caller>> check_token(const Services& services, const Operation& operation,
                                                         const http::Request& request, bool* unknown_key) {
  const auto token = bearer_token(request);
  if (!token) return no_token("Send an access token: Authorization: Bearer followed by the token.");
  auto checked = services.tokens.check(*token);
  if (!checked.caller) {
    const bool away = checked.fault == auth::TokenFault::keys_away;
    if (unknown_key != nullptr) *unknown_key = away || checked.fault == auth::TokenFault::unknown_key;
    // Not 401: the token may well be good, and a client need not throw it away.
    if (away) return keys_away(std::move(checked.message));
    return no_token(std::move(checked.message));
  }
  const auto& scopes = checked.caller->scopes;
  const bool manages = auth::has_scope(scopes, auth::kManageScope);
  if (manages || (operation.access == Access::read && auth::has_scope(scopes, auth::kReadScope))) {
    return std::move(checked.caller);
  }
  const std::string needed(operation.access == Access::read ? auth::kReadScope : auth::kManageScope);
  return ApiError{Code::no_scope,
                  "The access token lacks the scope " + needed + ".",
                  {{"scope", needed}},
                  {{"WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"" + needed + "\""}}};
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const auto word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

/// A chosen value, or the error of a header that is malformed or asks for what there is not.
Outcome<std::string_view> accepted(const Chosen& chosen, std::string_view header, std::string_view value,
                                   const std::vector<std::string_view>& offered) {
  switch (chosen.result) {
    case Negotiation::chosen:
      return chosen.value;
    case Negotiation::malformed:
      return invalid_value("The header " + std::string(header) + " is malformed (RFC 9110, section 12.5).",
                           std::string(header), std::string(value));
    case Negotiation::none_fits:
      break;
  }
  return ApiError{Code::not_acceptable,
                  "Nothing that " + std::string(header) + " names is offered here: " + joined(offered) + ".",
                  {{std::string(header), std::string(value)}}};
}

std::optional<ApiError> check_query(const Operation& operation, const http::Request& request) {
  const auto& known = operation.query;
  std::vector<Detail> unknown;
  std::vector<Detail> twice;
  std::set<std::string_view> seen;
  for (const auto& each : request.query) {
    if (std::none_of(known.begin(), known.end(), [&](const Parameter& p) { return p.name == each.name; })) {
      unknown.push_back({each.name, each.value});
    } else if (!seen.insert(each.name).second) {
      twice.push_back({each.name, each.value});
    }
  }
  if (!unknown.empty()) {
    std::string names;
    for (const auto& each : known) names += (names.empty() ? "" : ", ") + std::string(each.name);
    return ApiError{Code::unknown_parameter,
                    "The query parameter '" + unknown.front().key +
                        "' is not known here. Known: " + (names.empty() ? "none" : names) + ".",
                    std::move(unknown)};
  }
  if (!twice.empty()) {
    return ApiError{Code::invalid_value, "The query parameter '" + twice.front().key + "' stands twice.",
                    std::move(twice)};
  }
  for (const auto& each : known) {
    if (each.required && !seen.contains(each.name)) {
      return ApiError{Code::missing_parameter,
                      "The query parameter '" + std::string(each.name) + "' is missing.",
                      {{std::string(each.name), ""}}};
    }
  }
  return std::nullopt;
}

std::optional<ApiError> check_binding(Binding binding, const auth::Caller* caller) {
  if (binding == Binding::none || caller == nullptr || !caller->department.value().empty()) return {};
  if (binding == Binding::department_or_admin && caller->admin()) return {};
  return ApiError{Code::precondition,
                  "The caller's client is bound to no department.",
                  {{"client_id", caller->client.value()}}};
}

/// RFC 9112, 6.3, as far as it can be told before the body has come.
bool has_no_body(const http::Request& request) {
  return !request.headers.get("Transfer-Encoding") &&
         request.headers.get("Content-Length").value_or("0") == "0";
}

std::optional<ApiError> check_content_type(const Operation& operation, const http::Request& request) {
  if (operation.consumes.empty() || (operation.body_optional && has_no_body(request))) return std::nullopt;
  const std::string_view given = request.headers.get("Content-Type").value_or("");
  const auto type = trim(given.substr(0, given.find(';')));
  const auto& all = operation.consumes;
  if (std::any_of(all.begin(), all.end(), [&](std::string_view each) { return iequals(each, type); })) {
    return std::nullopt;
  }
  return ApiError{Code::unsupported_type,
                  "The body's Content-Type must be " + joined(all) + ".",
                  {{"Content-Type", std::string(given)}}};
}

}  // namespace

void Call::finish(Outcome<http::Response> outcome) const {
  if (outcome.ok()) {
    answer(std::move(*outcome));
  } else {
    refuse(outcome.error());
  }
}

Outcome<Admitted> admit(const Services& services, const Operation& operation, const http::Request& request,
                        bool* unknown_key) {
  Admitted admitted;
  if (operation.access != Access::open) {
    auto caller = check_token(services, operation, request, unknown_key);
    if (!caller.ok()) return std::move(caller.error());
    admitted.caller = std::move(*caller);
  }
  const auto languages = request.headers.get("Accept-Language");
  auto language =
      accepted(choose_language(languages), "Accept-Language", languages.value_or(""), answer_languages());
  if (!language.ok()) return std::move(language.error());
  if (!operation.produces.empty()) {
    const auto types = request.headers.get("Accept");
    auto type = accepted(choose_media_type(types, operation.produces), "Accept", types.value_or(""),
                         operation.produces);
    if (!type.ok()) return std::move(type.error());
    admitted.media_type = *type;
  }
  if (auto error = check_query(operation, request)) return std::move(*error);
  if (auto error = check_binding(operation.binding, admitted.caller.get())) return std::move(*error);
  if (auto error = check_content_type(operation, request)) return std::move(*error);
  return admitted;
}

namespace {

void run(const Services& services, const Operation& operation, http::Request request,
         const http::Responder& responder, bool may_read_keys) {
  bool unknown_key = false;
  auto admitted = admit(services, operation, request, &unknown_key);
  if (admitted.ok()) {
    operation.handle(services,
                     Call{std::move(request), responder, std::move(admitted->caller), admitted->media_type});
    return;
  }
  if (!unknown_key || !may_read_keys) {
    responder.send(to_response(admitted.error(), &request));
    return;
  }
  // Another process, or an outside issuer, may have rotated the key. Reading it blocks: not on the event
  // loop. What an outside issuer is asked for comes on a thread of its own, and no other waits for it.
  auto waiting = std::make_shared<http::Request>(std::move(request));
  const auto again = [&services, &operation, waiting, responder](bool own) {
    const bool posted = services.post([&services, &operation, waiting, responder, own] {
      if (own) services.issuer.refresh_for_unknown_key();
      run(services, operation, std::move(*waiting), responder, false);
    });
    if (!posted)
      responder.send(to_response({Code::unavailable, {}, {}, {{"Retry-After", "1"}}}, waiting.get()));
  };
  const std::string token(bearer_token(*waiting).value_or(""));
  switch (services.tokens.ask_for_keys(token, [again] { again(false); })) {
    case auth::Asked::not_outside:
      again(true);
      return;
    case auth::Asked::coming:
      return;
    case auth::Asked::not_now:
      responder.send(to_response(admitted.error(), waiting.get()));
      return;
  }
}

}  // namespace

namespace {

/// 429 where the client, or the address of one that needs no token, has had its share of requests.
std::optional<http::Response> too_many(const Services& services, const auth::Caller* caller,
                                       const http::Request& head) {
  const std::string who = caller != nullptr ? caller->client.value() : address_key(head.peer);
  const auto wait = services.requests.take(who, services.requests_per_client, services.clock.steady());
  if (!wait) return std::nullopt;
  return to_response(
      {Code::too_many_requests,
       "This client sends too many requests at once. Status and health may be asked for as before.",
       {},
       {{"Retry-After", std::to_string(wait->count())}}},
      &head);
}

}  // namespace

http::Route guarded_route(const Services& services, Operation operation) {
  // Shared: by the handlers of the route, which the server copies.
  const auto shared = std::make_shared<const Operation>(std::move(operation));
  http::Route route;
  route.method = shared->method;
  route.path = shared->path;
  route.runs = shared->runs;
  route.body = shared->body;
  route.max_body = shared->max_body;
  route.handler = [&services, shared](http::Request request, const http::Responder& responder) {
    run(services, *shared, std::move(request), responder, true);
  };
  // What is answered from memory costs no more than to refuse it: it is not counted, and so health and status
  // answer in any flood. For the rest this is on the loop, before the pool's queue.
  if (shared->runs == http::Route::Runs::pool) {
    route.before_body = [&services, shared](const http::Request& head) -> std::optional<http::Response> {
      bool unknown_key = false;
      auto admitted = admit(services, *shared, head, &unknown_key);
      if (admitted.ok()) return too_many(services, admitted->caller.get(), head);
      // A small body may come while the key is looked for; a whole upload may not.
      if (unknown_key && shared->body == http::Route::Body::memory) return std::nullopt;
      // Where its keys are on their way, the same upload may be taken a moment later.
      const std::string token(bearer_token(head).value_or(""));
      if (unknown_key && services.tokens.ask_for_keys(token, {}) == auth::Asked::coming) {
        return to_response({Code::unavailable, {}, {}, {{"Retry-After", "1"}}}, &head);
      }
      return to_response(admitted.error(), &head);
    };
  }
  return route;
}

std::optional<std::string_view> parameter(const http::Request& request, std::string_view name) {
  for (const auto& each : request.query) {
    if (each.name == name) return each.value;
  }
  return std::nullopt;
}

Outcome<std::int64_t> read_number(const http::Request& request, std::string_view name, std::int64_t usual,
                                  std::int64_t most) {
  const auto text = parameter(request, name);
  if (!text) return usual;
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (ec != std::errc() || end != text->data() + text->size() || value < 0 || value > most) {
    return invalid_value(std::string(name) + " must be a whole number of 0 to " + std::to_string(most) + ".",
                         std::string(name), std::string(*text));
  }
  return value;
}

Outcome<std::size_t> read_limit(const http::Request& request, std::size_t usual, std::size_t most) {
  const auto bad = [&] {
    return invalid_value("limit must be a whole number of 1 to " + std::to_string(most) + ".", "limit",
                         std::string(parameter(request, "limit").value_or("")));
  };
  auto number =
      read_number(request, "limit", static_cast<std::int64_t>(usual), static_cast<std::int64_t>(most));
  if (!number.ok() || *number == 0) return bad();
  return static_cast<std::size_t>(*number);
}

bool may_see(const auth::Caller& caller, const Department& department) {
  return caller.admin() || (!department.value().empty() && caller.department == department);
}

Outcome<jobs::Job> find_job(const Services& services, const Call& call) {
  const std::string& text = call.request.path_values.at(0);
  const auto id = parse_job_id(text);
  if (!id) return not_found("job");
  auto job = services.jobs.get(*id);
  if (!job && job.error().code != ErrorCode::not_found) return fault(services, call.request, job.error());
  if (!job || !may_see(*call.caller, job->department)) return not_found("job");
  return std::move(job).value();
}

ApiError fault(const Services& services, const http::Request& request, const Error& error) {
  auto answer = from_error(error);
  if (http_status(answer.code) >= 500 && services.log_fault) services.log_fault(request, error);
  return answer;
}

}  // namespace waybill::api
