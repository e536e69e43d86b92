#include "auth/outside_issuers.h"

#include <algorithm>
#include <boost/json.hpp>

#include "auth/claims.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostKeys = 100;
constexpr int kMostWaiting = 2;  // threads that wait for a fetch of another
constexpr int kOk = 200;

Error unfit(std::string message) {
  return {ErrorCode::invalid_argument, std::move(message)};
}

Result<json::object> fetch_object(const std::string& url, const Fetch& fetch,
                                  std::optional<Milliseconds>* max_age = nullptr) {
  WB_TRY(const Fetched fetched, fetch(url));
  if (fetched.status != kOk) {
    return Error{fetched.status >= 500 ? ErrorCode::unavailable : ErrorCode::not_found,
                 url + " answers with HTTP " + std::to_string(fetched.status) + "."};
  }
  if (max_age != nullptr) *max_age = fetched.max_age;
  auto object = parse_object(fetched.body);
  if (!object) return unfit(url + " is no JSON object with each name once.");
  return std::move(*object);
}

/// RFC 8414, 3.1: between the host and the issuer's own path.
std::string oauth_metadata_url(const std::string& issuer) {
  const auto path = std::min(issuer.find('/', issuer.find("://") + 3), issuer.size());
  std::string own = issuer.substr(path);
  if (own == "/") own.clear();
  return issuer.substr(0, path) + "/.well-known/oauth-authorization-server" + own;
}

Result<json::object> fetch_metadata(const std::string& issuer, const Fetch& fetch) {
  const std::string base = issuer.ends_with('/') ? issuer.substr(0, issuer.size() - 1) : issuer;
  auto metadata = fetch_object(base + "/.well-known/openid-configuration", fetch);
  if (metadata || metadata.error().code != ErrorCode::not_found) return metadata;
  return fetch_object(oauth_metadata_url(issuer), fetch);
}

std::string member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

std::vector<const VerifyingKey*> PublishedKeys::meant(const std::optional<std::string>& kid,
                                                      Algorithm algorithm,
                                                      const std::vector<Algorithm>& taken) const {
  std::vector<const VerifyingKey*> found;
  for (const VerifyingKey& key : keys) {
    const bool fits = kid ? key.kid() == *kid : key.algorithm(taken) == algorithm;
    if (fits) found.push_back(&key);
  }
  // Trying one after the other would let a token choose.
  if (!kid && found.size() > 1) found.clear();
  return found;
}

Result<PublishedKeys> fetch_keys(const std::string& issuer, const Fetch& fetch) {
  WB_TRY(const auto metadata, fetch_metadata(issuer, fetch));
  // RFC 8414, 3.3: compared as it stands, so that one issuer cannot speak for another.
  if (const auto named = member(metadata, "issuer"); named != issuer) {
    return unfit("The metadata of " + issuer + " is that of '" + escape_controls(named) + "'.");
  }
  PublishedKeys published;
  published.jwks_uri = member(metadata, "jwks_uri");
  const bool safe = published.jwks_uri.starts_with("https://") ||
                    (issuer.starts_with("http://") && published.jwks_uri.starts_with("http://"));
  if (!safe) return unfit("The metadata of " + issuer + " names no jwks_uri that can be used.");
  WB_TRY(const auto jwks, fetch_object(published.jwks_uri, fetch, &published.max_age));
  const auto* keys = jwks.if_contains("keys");
  if (keys == nullptr || !keys->is_array()) return unfit(published.jwks_uri + " is no JWK set.");
  for (const auto& each : keys->get_array()) {
    if (published.keys.size() == kMostKeys) break;
    auto key = VerifyingKey::import(json::serialize(each));
    // RFC 7517, 5: keys that are not understood are left out.
    if (key) {
      published.keys.push_back(std::move(*key));
    } else {
      published.unfit.push_back(std::move(key).error().message);
    }
  }
  if (published.keys.empty()) {
    return unfit(published.jwks_uri + " has no key that can be used" +
                 (published.unfit.empty() ? "." : ": " + published.unfit.front() + "."));
  }
  return published;
}

OutsideIssuers::OutsideIssuers(std::vector<std::string> urls, Fetch fetch, const Clock& clock)
    : fetch_(std::move(fetch)), clock_(clock) {
  for (auto& url : urls) issuers_.try_emplace(std::move(url));
}

std::shared_ptr<const PublishedKeys> OutsideIssuers::keys(std::string_view issuer) const {
  const std::lock_guard lock(mutex_);
  const auto found = issuers_.find(issuer);
  if (found == issuers_.end() || clock_.steady() - found->second.fetched > kMostAge) return nullptr;
  return found->second.keys;
}

std::uint64_t OutsideIssuers::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

void OutsideIssuers::refresh(const std::string& url) {
  auto fetched = fetch_keys(url, fetch_);
  const std::lock_guard lock(mutex_);
  Issuer& issuer = issuers_.find(url)->second;
  const auto now = clock_.steady();
  if (fetched) {
    issuer.next = now + std::clamp(fetched->max_age.value_or(kKeysLife), kLeastLife, kKeysLife);
    issuer.keys = std::make_shared<const PublishedKeys>(std::move(*fetched));
    issuer.fetched = now;
    issuer.problem.clear();
    ++generation_;
  } else {
    issuer.next = now + kRetry;
    issuer.problem = std::move(fetched).error().message;
  }
  issuer.fetching = false;
  fetched_.notify_all();
}

void OutsideIssuers::refresh_due() {
  for (auto& [url, issuer] : issuers_) {
    {
      const std::lock_guard lock(mutex_);
      const bool due = clock_.steady() >= issuer.next || !issuer.keys;
      if (!due || issuer.fetching) continue;
      issuer.fetching = true;
    }
    refresh(url);
  }
}

void OutsideIssuers::refresh_for_unknown_key(std::string_view url) {
  const auto found = issuers_.find(url);
  if (found == issuers_.end()) return;
  Issuer& issuer = found->second;
  {
    std::unique_lock lock(mutex_);
    if (issuer.fetching) {
      if (waiting_ == kMostWaiting) return;
      ++waiting_;
      fetched_.wait(lock, [&] { return !issuer.fetching; });
      --waiting_;
      return;
    }
    const auto now = clock_.steady();
    if (issuer.asked && now - *issuer.asked < kUnknownKeyWait) return;
    issuer.asked = now;
    issuer.fetching = true;
  }
  refresh(found->first);
}

std::vector<OutsideIssuers::State> OutsideIssuers::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<State> all;
  for (const auto& [url, issuer] : issuers_) {
    all.push_back({url, issuer.keys && issuer.problem.empty(), issuer.problem,
                   issuer.keys ? issuer.keys->keys.size() : 0});
  }
  return all;
}

}  // namespace waybill::auth
