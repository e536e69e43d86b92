#include "auth/tokens.h"

#include <boost/json.hpp>
#include <cstring>
#include <limits>
#include <optional>

#include "auth/scopes.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;

namespace {

TokenCheck refuse(TokenFault fault, std::string message) {
  return {nullptr, fault, std::move(message)};
}

std::optional<json::object> decode_part(std::string_view part) {
  const auto bytes = base64_decode(part);
  if (!bytes) return std::nullopt;
  boost::system::error_code ec;
  auto value = json::parse(*bytes, ec);
  if (ec || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<std::string> text_claim(const json::object& claims, std::string_view name) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

/// NumericDate (RFC 7519, 2): seconds, possibly with a fraction.
std::optional<Time> time_claim(const json::object& claims, std::string_view name) {
  // Year 9999: beyond it format and arithmetic have no meaning.
  constexpr double kLast = 253'402'300'799.0;
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const auto seconds = value->to_number<double>();
  if (!(seconds >= 0 && seconds <= kLast)) return std::nullopt;
  return Time(Milliseconds(static_cast<std::int64_t>(seconds * 1000.0)));
}

bool audience_fits(const json::object& claims, std::string_view audience) {
  const auto* value = claims.if_contains("aud");
  if (value == nullptr) return false;
  if (value->is_string()) return value->get_string() == audience;
  if (!value->is_array()) return false;
  for (const auto& each : value->get_array()) {
    if (each.is_string() && each.get_string() == audience) return true;
  }
  return false;
}

bool only_base64url(std::string_view text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
         std::string_view::npos;
}

bool typ_fits(const json::object& header) {
  const auto typ = text_claim(header, "typ");
  // RFC 9068, 4: at+jwt, with or without "application/".
  return typ && (iequals(*typ, "at+jwt") || iequals(*typ, "application/at+jwt"));
}

}  // namespace

bool Caller::admin() const {
  return has_scope(scopes, kAdminScope);
}

std::size_t TokenChecker::HashOfSha256::operator()(const Sha256& hash) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, hash.data(), sizeof(value));
  return value;
}

TokenCheck TokenChecker::check(std::string_view token) {
  if (token.size() > kMaxBytes) return refuse(TokenFault::malformed, "The token is larger than 8 KiB.");
  const auto ring = issuer_.ring();
  const Sha256 hash = sha256(token);
  std::shared_ptr<const Caller> known;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(hash); found != known_.end()) known = found->second;
  }
  if (known) return still_good(std::move(known), *ring);
  auto checked = verify(token, *ring);
  if (checked.caller) remember(hash, checked.caller);
  return checked;
}

TokenCheck TokenChecker::still_good(std::shared_ptr<const Caller> caller, const KeyRing& ring) const {
  const Time now = issuer_.clock().now();
  const auto leeway = issuer_.options().leeway;
  if (now >= caller->expires + leeway) return refuse(TokenFault::expired, "The token has expired.");
  if (now + leeway < caller->not_before) {
    return refuse(TokenFault::not_yet_valid, "The token is not valid yet. Compare the clocks.");
  }
  if (ring.revoked.contains(caller->client.value())) {
    return refuse(TokenFault::revoked, "The token's client has been revoked.");
  }
  return {std::move(caller), {}, {}};
}

TokenCheck TokenChecker::verify(std::string_view token, const KeyRing& ring) const {
  const auto parts = split(token, '.');
  if (parts.size() != 3 || !only_base64url(token)) {
    return refuse(TokenFault::malformed, "The token is not a signed JWT.");
  }
  const auto header = decode_part(parts[0]);
  // RFC 7515, 4.1.11: an extension that must be understood, and is not. RFC 8725, 3.1 and 3.11: algorithm and
  // type are ours to say.
  if (!header || header->contains("crit") || text_claim(*header, "alg") != "ES256" || !typ_fits(*header)) {
    return refuse(TokenFault::malformed, "The token is not an access token (typ at+jwt) signed with ES256.");
  }
  const auto kid = text_claim(*header, "kid");
  const auto key = kid ? ring.keys.find(*kid) : ring.keys.end();
  if (key == ring.keys.end()) return refuse(TokenFault::unknown_key, "The token's key is not known here.");
  if (!key->second.verify(token)) return refuse(TokenFault::signature, "The token's signature is wrong.");

  const auto claims = decode_part(parts[1]);
  if (!claims) return refuse(TokenFault::malformed, "The token's claims are not JSON.");
  if (text_claim(*claims, "iss") != issuer_.url()) {
    return refuse(TokenFault::issuer, "The token is of another issuer.");
  }
  if (!audience_fits(*claims, issuer_.options().audience)) {
    return refuse(TokenFault::audience, "The token is for another audience.");
  }
  const auto expires = time_claim(*claims, "exp");
  const auto issued = time_claim(*claims, "iat");
  const auto client = text_claim(*claims, "client_id");
  if (!expires || !issued || !client || client->empty()) {
    return refuse(TokenFault::malformed, "The token lacks one of the claims exp, iat and client_id.");
  }
  auto caller = std::make_shared<Caller>();
  caller->client = ClientId(*client);
  caller->department = Department(text_claim(*claims, "department").value_or(""));
  for (const auto& scope : split_scopes(text_claim(*claims, "scope").value_or(""))) {
    caller->scopes.emplace_back(bare_scope(scope, issuer_.options().scope_prefixes));
  }
  caller->expires = *expires;
  caller->not_before = std::max(*issued, time_claim(*claims, "nbf").value_or(*issued));
  return still_good(std::move(caller), ring);
}

void TokenChecker::remember(const Sha256& hash, std::shared_ptr<const Caller> caller) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxCached) {
    const Time now = issuer_.clock().now();
    std::erase_if(known_, [&](const auto& entry) { return entry.second->expires < now; });
    if (known_.size() >= kMaxCached) known_.clear();
  }
  known_.emplace(hash, std::move(caller));
}

}  // namespace waybill::auth
