#include "auth/outside_tokens.h"

#include <algorithm>

#include "auth/claims.h"
#include "auth/scopes.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;

namespace {

TokenCheck refuse(TokenFault fault, std::string message) {
  return {nullptr, fault, std::move(message)};
}

/// RFC 9068's type, or the general one, or none: what issuers write on access tokens.
bool may_be_access_token(const json::object& header, const json::object& claims) {
  for (const char* name : {"nonce", "at_hash", "c_hash"}) {  // OpenID Connect Core 1.0, 2 and 3.3.2.11
    if (claims.contains(name)) return false;
  }
  if (!header.contains("typ")) return true;
  const auto typ = text_claim(header, "typ");
  return typ && (iequals(*typ, "JWT") || iequals(*typ, "at+jwt") || iequals(*typ, "application/at+jwt"));
}

bool is_signed(std::string_view token, const PublishedKeys& keys, Algorithm algorithm, std::string_view kid) {
  const auto dot = token.rfind('.');
  const auto signature = base64_decode(token.substr(dot + 1));
  if (!signature) return false;
  const auto named = keys.named(kid);
  return std::any_of(named.begin(), named.end(), [&](const VerifyingKey* key) {
    return key->verify(algorithm, token.substr(0, dot), *signature);
  });
}

std::string client_of(const json::object& claims) {
  for (const char* name : {"client_id", "azp", "appid", "sub"}) {
    if (const auto id = text_claim(claims, name); id && !id->empty()) return *id;
  }
  return {};
}

std::string department_of(const json::object& claims, const OutsideRules& rules) {
  const auto values = texts_claim(claims, rules.department_claim);
  if (rules.departments.empty()) return values.size() == 1 ? values.front() : std::string();
  for (const auto& value : values) {
    if (const auto found = rules.departments.find(value); found != rules.departments.end()) {
      return found->second;
    }
  }
  return {};
}

std::vector<std::string> scopes_of(const json::object& claims, const OutsideRules& rules) {
  std::vector<std::string> scopes;
  for (const char* name : {"scope", "scp"}) {
    for (const auto& list : texts_claim(claims, name)) {
      for (const auto& scope : split_scopes(list))
        scopes.emplace_back(bare_scope(scope, rules.scope_prefixes));
    }
  }
  return scopes;
}

}  // namespace

TokenCheck check_outside_token(std::string_view token, const json::object& header, const json::object& claims,
                               const OutsideIssuers& issuers, const OutsideRules& rules) {
  const std::string issuer = text_claim(claims, "iss").value_or("");
  // RFC 7515, 4.1.11: an extension that must be understood, and is not. Keys that a token brings along (jwk,
  // jku, x5c, x5u) are not looked at: they prove nothing.
  if (header.contains("crit") || !may_be_access_token(header, claims)) {
    return refuse(TokenFault::malformed, "The token is not an access token.");
  }
  const auto algorithm = parse_algorithm(text_claim(header, "alg").value_or(""));
  const auto& taken = rules.algorithms;
  if (!algorithm || std::find(taken.begin(), taken.end(), *algorithm) == taken.end()) {
    return refuse(TokenFault::malformed, "The token is signed with an algorithm that is not taken here.");
  }
  const auto keys = issuers.keys(issuer);
  if (!keys)
    return refuse(TokenFault::unknown_key, "The keys of the token's issuer cannot be had right now.");
  const std::string kid = text_claim(header, "kid").value_or("");
  if (keys->named(kid).empty()) {
    return refuse(TokenFault::unknown_key, "The token's key is not one of its issuer's.");
  }
  if (!is_signed(token, *keys, *algorithm, kid)) {
    return refuse(TokenFault::signature, "The token's signature is wrong.");
  }
  if (!audience_fits(claims, rules.audience)) {
    return refuse(TokenFault::audience, "The token is for another audience.");
  }
  const auto expires = time_claim(claims, "exp");
  const std::string client = client_of(claims);
  const bool bad_start = claims.contains("nbf") && !time_claim(claims, "nbf");
  if (!expires || client.empty() || bad_start) {
    return refuse(TokenFault::malformed, "The token lacks exp, or says not who its client is.");
  }
  auto caller = std::make_shared<Caller>();
  caller->client = ClientId(client + "@" + issuer.substr(issuer.find("://") + 3));
  caller->department = Department(department_of(claims, rules));
  caller->scopes = scopes_of(claims, rules);
  caller->expires = *expires;
  caller->not_before = time_claim(claims, "nbf").value_or(Time::min());
  return {std::move(caller), {}, {}};
}

}  // namespace waybill::auth
