#include "auth/tokens.h"

#include <boost/json.hpp>
#include <cstring>
#include <optional>

#include "auth/claims.h"
#include "auth/scopes.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;

namespace {

TokenCheck refuse(TokenFault fault, std::string message) {
  return {nullptr, fault, std::move(message)};
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
  Known known;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(hash); found != known_.end()) known = found->second;
  }
  // Checked anew once its issuer's keys are others, or too old.
  const bool current = known.issuer.empty() || outside_->keys(known.issuer) == known.keys;
  if (known.caller && current) return still_good(std::move(known.caller), *ring);
  known = {};
  auto checked = verify(token, *ring, known);
  if (checked.caller) {
    known.caller = checked.caller;
    remember(hash, std::move(known));
  }
  return checked;
}

Asked TokenChecker::ask_for_keys(std::string_view token, std::function<void()> then) const {
  if (outside_ == nullptr || token.size() > kMaxBytes) return Asked::not_outside;
  const auto parts = split(token, '.');
  const auto claims = parts.size() == 3 ? decode_part(parts[1]) : std::nullopt;
  const auto issuer = claims ? text_claim(*claims, "iss") : std::nullopt;
  if (!issuer || !outside_->knows(*issuer)) return Asked::not_outside;
  return outside_->ask(*issuer, std::move(then)) ? Asked::coming : Asked::not_now;
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

/// Fills in `known` but for the caller.
TokenCheck TokenChecker::verify(std::string_view token, const KeyRing& ring, Known& known) const {
  const auto parts = split(token, '.');
  if (parts.size() != 3 || !is_compact(token)) {
    return refuse(TokenFault::malformed, "The token is not a signed JWT.");
  }
  const auto header = decode_part(parts[0]);
  const auto claims = decode_part(parts[1]);
  if (!header || !claims) {
    return refuse(TokenFault::malformed,
                  "The token's header or claims are not JSON, or say something twice.");
  }
  // Who may have signed it; whether he did is what follows.
  const auto issuer = text_claim(*claims, "iss");
  if (outside_ == nullptr || !issuer || !outside_->knows(*issuer)) {
    return verify_own(token, *header, *claims, ring);
  }
  known.issuer = *issuer;
  known.keys = outside_->keys(*issuer);
  auto checked = check_outside_token(token, *header, *claims, known.keys.get(), rules_);
  return checked.caller ? still_good(std::move(checked.caller), ring) : checked;
}

TokenCheck TokenChecker::verify_own(std::string_view token, const json::object& header,
                                    const json::object& claims, const KeyRing& ring) const {
  // RFC 7515, 4.1.11: an extension that must be understood, and is not. RFC 8725, 3.1 and 3.11: algorithm and
  // type are ours to say.
  if (header.contains("crit") || text_claim(header, "alg") != "ES256" || !typ_fits(header)) {
    return refuse(TokenFault::malformed, "The token is not an access token (typ at+jwt) signed with ES256.");
  }
  const auto kid = text_claim(header, "kid");
  const auto key = kid ? ring.keys.find(*kid) : ring.keys.end();
  if (key == ring.keys.end()) return refuse(TokenFault::unknown_key, "The token's key is not known here.");
  if (!key->second.verify(token)) return refuse(TokenFault::signature, "The token's signature is wrong.");

  if (text_claim(claims, "iss") != issuer_.url()) {
    return refuse(TokenFault::issuer, "The token is of another issuer.");
  }
  if (!audience_fits(claims, issuer_.options().audience)) {
    return refuse(TokenFault::audience, "The token is for another audience.");
  }
  const auto expires = time_claim(claims, "exp");
  const auto issued = time_claim(claims, "iat");
  const auto client = text_claim(claims, "client_id");
  if (!expires || !issued || !client || client->empty()) {
    return refuse(TokenFault::malformed, "The token lacks one of the claims exp, iat and client_id.");
  }
  auto caller = std::make_shared<Caller>();
  caller->client = ClientId(*client);
  caller->department = Department(text_claim(claims, "department").value_or(""));
  for (const auto& scope : split_scopes(text_claim(claims, "scope").value_or(""))) {
    caller->scopes.emplace_back(bare_scope(scope, issuer_.options().scope_prefixes));
  }
  caller->expires = *expires;
  caller->not_before = std::max(*issued, time_claim(claims, "nbf").value_or(*issued));
  return still_good(std::move(caller), ring);
}

void TokenChecker::remember(const Sha256& hash, Known known) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxCached) {
    const Time now = issuer_.clock().now();
    std::erase_if(known_, [&](const auto& entry) { return entry.second.caller->expires < now; });
    if (known_.size() >= kMaxCached) known_.clear();
  }
  known_.insert_or_assign(hash, std::move(known));
}

}  // namespace waybill::auth
