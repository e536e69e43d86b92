#include "auth/outside_tokens.h"

#include <algorithm>
#include <set>

#include "auth/claims.h"
#include "auth/scopes.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;

namespace {

TokenCheck refuse(TokenFault fault, std::string message) {
  return {nullptr, fault, std::move(message)};
}

/// RFC 9068's type, or the general one, or none: what issuers write on access tokens. The claims of a token
/// for another use: OpenID Connect Core 1.0, 2 and 3.3.2.11; OpenID Connect Back-Channel Logout 1.0, 2.4; and
/// the marks of Cognito (token_use) and Keycloak (typ).
bool may_be_access_token(const json::object& header, const json::object& claims) {
  for (const char* name : {"nonce", "at_hash", "c_hash", "s_hash", "events"}) {
    if (claims.contains(name)) return false;
  }
  if (text_claim(claims, "token_use").value_or("access") != "access") return false;
  const std::string mark = text_claim(claims, "typ").value_or("");
  if (mark == "ID" || mark == "Refresh" || mark == "Offline" || mark == "Logout") return false;
  if (!header.contains("typ")) return true;
  const auto typ = text_claim(header, "typ");
  return typ && (iequals(*typ, "JWT") || iequals(*typ, "at+jwt") || iequals(*typ, "application/at+jwt"));
}

bool is_signed(std::string_view token, const std::vector<const VerifyingKey*>& keys, Algorithm algorithm,
               const OutsideRules& rules) {
  const auto dot = token.rfind('.');
  const auto signature = base64_decode(token.substr(dot + 1));
  if (!signature || base64url_encode(*signature) != token.substr(dot + 1)) return false;
  return std::any_of(keys.begin(), keys.end(), [&](const VerifyingKey* key) {
    return key->algorithm(rules.algorithms) == algorithm &&
           key->verify(algorithm, token.substr(0, dot), *signature);
  });
}

/// By the first of these claims that is there.
std::string client_of(const json::object& claims) {
  for (const char* name : {"client_id", "azp", "appid", "sub"}) {
    if (!claims.contains(name)) continue;
    const auto id = text_claim(claims, name);
    return id && is_plain_name(*id) ? *id : std::string();
  }
  return {};
}

/// Empty where the claim says none, or several.
std::string department_of(const json::object& claims, const OutsideRules& rules) {
  std::set<std::string> said;
  for (const auto& value : texts_claim(claims, rules.department_claim)) {
    const auto found = rules.departments.find(value);
    if (found != rules.departments.end()) said.insert(found->second);
    if (rules.departments.empty() && is_plain_name(value)) said.insert(value);
  }
  return said.size() == 1 ? *said.begin() : std::string();
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
                               const PublishedKeys* keys, const OutsideRules& rules) {
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
  if (keys == nullptr) {
    return refuse(TokenFault::keys_away, "The keys of the token's issuer cannot be had right now.");
  }
  const auto kid = text_claim(header, "kid");
  if (header.contains("kid") && !kid) return refuse(TokenFault::malformed, "The token's kid is no text.");
  const auto meant = keys->meant(kid, *algorithm, taken);
  if (meant.empty()) {
    return refuse(TokenFault::unknown_key, "The token's key is not one of its issuer's.");
  }
  if (!is_signed(token, meant, *algorithm, rules)) {
    return refuse(TokenFault::signature, "The token's signature is wrong.");
  }
  if (!audience_fits(claims, rules.audience)) {
    return refuse(TokenFault::audience, "The token is for another audience.");
  }
  // RFC 7800: whoever shows it must prove that he holds a key, which is not asked for here.
  if (claims.contains("cnf")) {
    return refuse(TokenFault::malformed, "The token is bound to a key (cnf); bearer tokens alone are taken.");
  }
  const auto expires = time_claim(claims, "exp");
  const std::string client = client_of(claims);
  const auto begins = time_claim(claims, "nbf");
  const auto issued = time_claim(claims, "iat");
  const bool bad_start = (claims.contains("nbf") && !begins) || (claims.contains("iat") && !issued);
  if (!expires || client.empty() || bad_start) {
    return refuse(TokenFault::malformed, "The token lacks exp, or says not who its client is.");
  }
  auto caller = std::make_shared<Caller>();
  caller->client = ClientId(client + "@" + issuer.substr(issuer.find("://") + 3));
  caller->department = Department(department_of(claims, rules));
  caller->scopes = scopes_of(claims, rules);
  caller->expires = *expires;
  caller->not_before = std::max(begins.value_or(Time()), issued.value_or(Time()));
  return {std::move(caller), {}, {}};
}

}  // namespace waybill::auth
