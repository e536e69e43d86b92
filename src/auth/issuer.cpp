#include "auth/issuer.h"

#include <algorithm>
#include <boost/json.hpp>

#include "auth/scopes.h"
#include "base/hash.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

// A process that has not yet noticed a rotation may still sign with the old key for this long.
constexpr Milliseconds kNoticeTime = 5min;
constexpr std::chrono::nanoseconds kUnknownKeyInterval = 5s;

std::int64_t seconds_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string make_jwks(const std::map<std::string, Es256Key, std::less<>>& keys) {
  std::string text = R"({"keys":[)";
  for (bool first = true; const auto& [kid, key] : keys) {
    if (!first) text += ',';
    text += key.public_jwk();
    first = false;
  }
  return text + "]}";
}

}  // namespace

Result<std::string> rotate_key(ClientStore& store, KeySealer& sealer, Time now) {
  WB_TRY(const auto key, Es256Key::generate());
  WB_TRY(const auto plain, key.private_jwk());
  WB_TRY(auto sealed, sealer.seal(plain.reveal()));
  WB_CHECK_OK(store.add_key({key.kid(), key.public_jwk(), std::move(sealed), now, std::nullopt}));
  WB_CHECK_OK(store.retire_others(key.kid(), now));
  return key.kid();
}

Issuer::Issuer(IssuerOptions options, ClientStore& store, KeySealer& sealer, const Clock& clock)
    : options_(std::move(options)), store_(store), sealer_(sealer), clock_(clock) {}

Result<void> Issuer::start() {
  WB_CHECK_OK(refresh());
  if (ring()->signer) return {};
  WB_TRY(const auto kid, rotate_key(store_, sealer_, clock_.now()));
  static_cast<void>(kid);
  return refresh();
}

/// The newest that all processes have had time to publish; where there is none, the oldest.
const SigningKey* Issuer::signer_among(const std::vector<SigningKey>& keys) const {
  const Time before = clock_.now() - options_.publish_ahead;
  const SigningKey* chosen = nullptr;
  for (const auto& key : keys) {
    if (key.retired && *key.retired <= before) continue;
    const bool published = key.created <= before;
    const bool better = chosen == nullptr || (published && key.created > chosen->created) ||
                        (chosen->created > before && key.created < chosen->created);
    if (better) chosen = &key;
  }
  return chosen;
}

Result<std::optional<Es256Key>> Issuer::open_signer(const std::vector<SigningKey>& keys) const {
  const SigningKey* const signer = signer_among(keys);
  if (signer == nullptr) return std::optional<Es256Key>();
  if (const auto known = ring(); known->signer && known->signer->kid() == signer->kid) return known->signer;
  const auto plain = sealer_.open(signer->sealed_private_jwk);
  if (!plain) {
    return Error{
        ErrorCode::corrupt,
        "The key that signs tokens cannot be opened with this master key. Restore the master key, or "
        "rotate the signing key.",
        plain.error().message};
  }
  WB_TRY(auto key, Es256Key::import(plain->reveal()));
  return std::optional<Es256Key>(std::move(key));
}

Result<void> Issuer::refresh() {
  WB_TRY(const auto keys, store_.keys());
  WB_TRY(const auto clients, store_.list());
  auto next = std::make_shared<KeyRing>();
  WB_TRY(next->signer, open_signer(keys));
  const auto last_token_ended = clock_.now() - options_.token_life - options_.leeway - kNoticeTime;
  for (const auto& row : keys) {
    if (row.retired && *row.retired < last_token_ended) {
      // Another process may have dropped it first.
      if (auto removed = store_.remove_key(row.kid);
          !removed && removed.error().code != ErrorCode::not_found) {
        return std::move(removed).error();
      }
      continue;
    }
    WB_TRY(auto key, Es256Key::import(row.public_jwk));
    next->keys.emplace(row.kid, std::move(key));
  }
  for (const auto& client : clients) {
    if (client.revoked) next->revoked.insert(client.id.value());
  }
  next->jwks = make_jwks(next->keys);
  const std::lock_guard lock(mutex_);
  ring_ = std::move(next);
  return {};
}

bool Issuer::refresh_for_unknown_key() {
  {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.steady();
    if (asked_ && now - *asked_ < kUnknownKeyInterval) return false;
    asked_ = now;
  }
  return refresh().ok();
}

void Issuer::set_url(std::string url) {
  const std::lock_guard lock(mutex_);
  url_ = std::move(url);
}

std::string Issuer::url() const {
  const std::lock_guard lock(mutex_);
  return url_;
}

std::shared_ptr<const KeyRing> Issuer::ring() const {
  const std::lock_guard lock(mutex_);
  return ring_;
}

Result<IssuedToken> Issuer::issue(const Client& client, std::vector<std::string> scopes) const {
  const auto keys = ring();
  const std::string issuer = url();
  if (!keys->signer || issuer.empty()) {
    return Error{ErrorCode::unavailable, "The token issuer is still starting. Ask again in a second."};
  }
  const Time now = clock_.now();
  json::object claims{{"iss", issuer},
                      {"sub", client.id.value()},
                      {"aud", options_.audience},
                      {"exp", seconds_of(now + options_.token_life)},
                      {"iat", seconds_of(now)},
                      {"nbf", seconds_of(now)},
                      {"jti", base64url_encode(random_bytes(16))},
                      {"client_id", client.id.value()},
                      {"scope", join_scopes(scopes)}};
  if (!client.department.value().empty()) claims["department"] = client.department.value();
  WB_TRY(auto token, keys->signer->sign(json::serialize(claims), "at+jwt"));
  return IssuedToken{std::move(token), std::move(scopes), options_.token_life};
}

std::string Issuer::metadata() const {
  const std::string base = url();
  json::array scopes;
  for (const auto scope : known_scopes()) scopes.emplace_back(scope);
  return json::serialize(
      json::object{{"issuer", base},
                   {"token_endpoint", base + "/oauth2/v2.0/token"},
                   {"jwks_uri", base + "/.well-known/jwks.json"},
                   {"scopes_supported", std::move(scopes)},
                   {"response_types_supported", json::array{}},
                   {"grant_types_supported", {"client_credentials"}},
                   {"token_endpoint_auth_methods_supported", {"client_secret_basic", "client_secret_post"}}});
}

}  // namespace waybill::auth
