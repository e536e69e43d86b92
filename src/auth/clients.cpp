#include "auth/clients.h"

#include <sodium.h>

#include <array>
#include <map>

#include "auth/scopes.h"
#include "base/text.h"

namespace waybill::auth {

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxKnown = 1024;
constexpr std::size_t kMaxNameBytes = 255;

Result<std::string> hash_secret(std::string_view secret) {
  if (sodium_init() < 0) return Error{ErrorCode::internal, "The cryptographic library could not start."};
  std::array<char, crypto_pwhash_STRBYTES> encoded{};
  if (crypto_pwhash_str(encoded.data(), secret.data(), secret.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    return Error{ErrorCode::internal, "A client's secret could not be hashed: 64 MiB of memory are needed."};
  }
  return std::string(encoded.data());
}

Result<void> check_name(std::string_view what, std::string_view text) {
  if (text.empty() || text.size() > kMaxNameBytes || first_invalid_utf8(text) ||
      escape_controls(text) != text) {
    return Error{ErrorCode::invalid_argument,
                 "The " + std::string(what) + " must be 1 to 255 bytes of text without control characters."};
  }
  return {};
}

TokenAnswer refuse(int status, std::string error, std::string description) {
  return {std::nullopt, status, std::move(error), std::move(description), false};
}

using Form = std::map<std::string, std::string, std::less<>>;

std::optional<std::string> form_decode(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (c == '+') c = ' ';
  }
  return percent_decode(spaced);
}

/// application/x-www-form-urlencoded; nullopt where a parameter stands twice (RFC 6749, 3.2) or is broken.
std::optional<Form> parse_form(std::string_view body) {
  Form form;
  for (const auto pair : split(body, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = form_decode(pair.substr(0, equals));
    auto value = form_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!name || !value || !form.emplace(std::move(*name), std::move(*value)).second) return std::nullopt;
  }
  return form;
}

struct Credentials {
  std::string id;
  Secret secret;
};

/// RFC 6749, 2.3.1: both halves are form-encoded before RFC 7617 joins them.
std::optional<Credentials> parse_basic(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (!iequals(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const auto plain = base64_decode(trim(authorization.substr(kScheme.size())));
  if (!plain) return std::nullopt;
  const auto colon = plain->find(':');
  if (colon == std::string::npos) return std::nullopt;
  auto id = form_decode(std::string_view(*plain).substr(0, colon));
  auto secret = form_decode(std::string_view(*plain).substr(colon + 1));
  if (!id || !secret) return std::nullopt;
  return Credentials{std::move(*id), Secret(std::move(*secret))};
}

bool is_form(std::string_view content_type) {
  return iequals(trim(content_type.substr(0, content_type.find(';'))), "application/x-www-form-urlencoded");
}

std::string field(const Form& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

}  // namespace

Result<NewSecret> make_secret() {
  std::string secret = base64url_encode(random_bytes(kSecretBytes));
  WB_TRY(auto hash, hash_secret(secret));
  return NewSecret{Secret(std::move(secret)), std::move(hash)};
}

Result<NewClient> make_client(const std::string& name, const std::string& department,
                              const std::vector<std::string>& scopes, Time now) {
  WB_CHECK_OK(check_name("client's name", name));
  WB_CHECK_OK(check_name("department", department));
  WB_TRY(auto granted, check_granted(scopes));
  WB_TRY(auto made, make_secret());
  NewClient result;
  result.client.id = ClientId("wb-" + hex_encode(random_bytes(12)));
  result.client.name = name;
  result.client.department = Department(department);
  result.client.secret_hash = std::move(made.hash);
  result.client.scopes = std::move(granted);
  result.client.created = now;
  result.secret = std::move(made.secret);
  return result;
}

TokenGrants::TokenGrants(const Issuer& issuer) : issuer_(issuer), pepper_(random_bytes(32)) {}

Sha256 TokenGrants::pair_of(const std::string& hash, std::string_view secret) const {
  return sha256(pepper_ + hash + std::string(1, '\0') + std::string(secret));
}

bool TokenGrants::is_known(const std::string& hash, std::string_view secret) {
  const Sha256 pair = pair_of(hash, secret);
  const std::lock_guard lock(mutex_);
  return !hash.empty() && known_.contains(pair);
}

bool TokenGrants::secret_fits(const std::string& hash, std::string_view secret) {
  const std::lock_guard lock(hashing_);
  if (hash.empty() && hash_of_nobody_.empty()) {
    // The first unknown id pays for making it as well.
    if (auto made = make_secret(); made.ok()) hash_of_nobody_ = made->hash;
  }
  const std::string& against = hash.empty() ? hash_of_nobody_ : hash;
  const bool fits = sodium_init() >= 0 &&
                    crypto_pwhash_str_verify(against.c_str(), secret.data(), secret.size()) == 0 &&
                    !hash.empty();
  if (!fits) return false;
  const std::lock_guard known_lock(mutex_);
  if (known_.size() >= kMaxKnown) known_.clear();
  known_.insert(pair_of(hash, secret));
  return true;
}

TokenAnswer TokenGrants::answer(const TokenRequest& request) {
  if (!is_form(request.content_type)) {
    return refuse(400, "invalid_request", "The body must be application/x-www-form-urlencoded.");
  }
  const auto form = parse_form(request.body);
  if (!form) return refuse(400, "invalid_request", "A parameter is malformed or stands twice.");
  const std::string grant_type = field(*form, "grant_type");
  if (grant_type.empty()) return refuse(400, "invalid_request", "The parameter grant_type is missing.");

  const bool in_body = form->contains("client_secret");
  const bool by_header = request.authorization.has_value();
  if (in_body && by_header) {
    return refuse(400, "invalid_request", "The client authenticates in two ways: use one.");
  }
  std::optional<Credentials> given;
  if (by_header) {
    given = parse_basic(*request.authorization);
    const std::string named = field(*form, "client_id");
    if (given && !named.empty() && named != given->id) {
      return refuse(400, "invalid_request", "client_id in the body differs from the one in Authorization.");
    }
  } else if (in_body && form->contains("client_id")) {
    given = Credentials{field(*form, "client_id"), Secret(field(*form, "client_secret"))};
  }
  TokenAnswer unknown = refuse(401, "invalid_client", "The client's id or secret is wrong.");
  unknown.challenge_basic = by_header;
  if (!given) {
    if (!by_header) unknown.description = "client_id and client_secret are missing.";
    return unknown;
  }

  const auto client = issuer_.store().get(ClientId(given->id));
  if (!client && client.error().code != ErrorCode::not_found) {
    return refuse(503, "temporarily_unavailable", "The server cannot read its clients now. Try again.");
  }
  // An id that nobody has, and one that is revoked, take as long as a wrong secret.
  const bool live = client.ok() && !client->revoked;
  const std::string hash = live ? client->secret_hash : std::string();
  if (!is_known(hash, given->secret.reveal())) {
    if (const auto wait = request.may_guess ? request.may_guess() : std::nullopt) {
      TokenAnswer later = refuse(429, "temporarily_unavailable",
                                 "Too many wrong secrets came from this address. Try again later.");
      later.retry_after = *wait;
      return later;
    }
    if (!secret_fits(hash, given->secret.reveal())) return unknown;
  }

  if (grant_type != "client_credentials") {
    return refuse(400, "unsupported_grant_type", "The only grant_type here is client_credentials.");
  }
  auto scopes = choose_scopes(field(*form, "scope"), client->scopes, issuer_.options().scope_prefixes);
  if (!scopes) return refuse(400, "invalid_scope", "A scope is not known, or not granted to this client.");
  auto issued = issuer_.issue(*client, std::move(*scopes));
  if (!issued) return refuse(503, "temporarily_unavailable", issued.error().message);
  return {std::move(issued).value(), 200, {}, {}, false, {}};
}

}  // namespace waybill::auth
