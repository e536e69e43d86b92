#include "auth/outside_issuers.h"

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <utility>

#include "auth/claims.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostKeys = 100;
// How often a thread looks whether something is due.
constexpr std::chrono::seconds kLook{1};
constexpr int kOk = 200;

Error unfit(std::string message) {
  return {ErrorCode::invalid_argument, std::move(message)};
}

Result<json::object> fetch_object(const std::string& url, const Fetch& fetch, const Context& context,
                                  std::optional<Milliseconds>* max_age = nullptr) {
  WB_TRY(const Fetched fetched, fetch(url, context));
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

Result<json::object> fetch_metadata(const std::string& issuer, const Fetch& fetch, const Context& context) {
  const std::string base = issuer.ends_with('/') ? issuer.substr(0, issuer.size() - 1) : issuer;
  auto metadata = fetch_object(base + "/.well-known/openid-configuration", fetch, context);
  if (metadata || metadata.error().code != ErrorCode::not_found) return metadata;
  return fetch_object(oauth_metadata_url(issuer), fetch, context);
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

Result<PublishedKeys> fetch_keys(const std::string& issuer, const Fetch& fetch, const Context& context) {
  WB_TRY(const auto metadata, fetch_metadata(issuer, fetch, context));
  // RFC 8414, 3.3: compared as it stands, so that one issuer cannot speak for another.
  if (const auto named = member(metadata, "issuer"); named != issuer) {
    return unfit("The metadata of " + issuer + " is that of '" + escape_controls(named) + "'.");
  }
  PublishedKeys published;
  published.jwks_uri = member(metadata, "jwks_uri");
  const bool safe = published.jwks_uri.starts_with("https://") ||
                    (issuer.starts_with("http://") && published.jwks_uri.starts_with("http://"));
  if (!safe) return unfit("The metadata of " + issuer + " names no jwks_uri that can be used.");
  WB_TRY(const auto jwks, fetch_object(published.jwks_uri, fetch, context, &published.max_age));
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

OutsideIssuers::OutsideIssuers(OutsideIssuersOptions options, Fetch fetch, const Clock& clock)
    : options_(std::move(options)), fetch_(std::move(fetch)), clock_(clock) {
  for (const auto& url : options_.urls) issuers_.try_emplace(url);
}

OutsideIssuers::~OutsideIssuers() {
  stop();
}

void OutsideIssuers::start() {
  for (auto& [url, issuer] : issuers_) {
    issuer.thread = std::thread([this, &url = url, &issuer = issuer] { work(url, issuer); });
  }
}

void OutsideIssuers::stop() {
  context_.cancel();
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& [url, issuer] : issuers_) {
      std::move(issuer.waiting.begin(), issuer.waiting.end(), std::back_inserter(waiting));
      issuer.waiting.clear();
    }
  }
  wake_.notify_all();
  for (auto& [url, issuer] : issuers_) {
    if (issuer.thread.joinable()) issuer.thread.join();
  }
  for (const auto& then : waiting) then();
}

void OutsideIssuers::work(const std::string& url, Issuer& issuer) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (begin(issuer)) {
      lock.unlock();
      refresh(url, issuer);
      lock.lock();
    } else {
      wake_.wait_for(lock, kLook, [&] { return stopping_ || issuer.wanted; });
    }
  }
}

/// True where the caller is to fetch now. Under the lock.
bool OutsideIssuers::begin(Issuer& issuer) {
  const bool due = issuer.wanted || !issuer.next || clock_.steady() >= *issuer.next;
  if (!due || issuer.fetching) return false;
  issuer.wanted = false;
  issuer.fetching = true;
  return true;
}

void OutsideIssuers::refresh(const std::string& url, Issuer& issuer) {
  auto fetched = fetch_keys(url, fetch_, context_);
  std::vector<std::function<void()>> waiting;
  std::optional<IssuerState> changed;
  {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.steady();
    const bool first = !issuer.next;
    const std::string before = std::exchange(issuer.problem, fetched ? "" : fetched.error().message);
    if (fetched) {
      const auto life =
          std::max(kLeastLife, std::min(fetched->max_age.value_or(options_.keys_life), options_.keys_life));
      issuer.next = now + life;
      issuer.keys = std::make_shared<const PublishedKeys>(std::move(*fetched));
      issuer.fetched = now;
    } else {
      issuer.next = now + kRetry;
    }
    issuer.fetching = false;
    if (first || before != issuer.problem) changed = state_of(url, issuer);
    waiting.swap(issuer.waiting);
  }
  if (changed && options_.changed && !context_.cancelled()) options_.changed(*changed);
  for (const auto& then : waiting) then();
}

void OutsideIssuers::refresh_due() {
  for (auto& [url, issuer] : issuers_) {
    {
      const std::lock_guard lock(mutex_);
      if (!begin(issuer)) continue;
    }
    refresh(url, issuer);
  }
}

bool OutsideIssuers::ask(std::string_view url, std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = issuers_.find(url);
    if (found == issuers_.end() || stopping_) return false;
    Issuer& issuer = found->second;
    if (then && issuer.waiting.size() >= kMostWaiting) return false;
    if (!issuer.wanted && !issuer.fetching) {
      const auto now = clock_.steady();
      if (issuer.asked && now - *issuer.asked < kUnknownKeyWait) return false;
      issuer.asked = now;
      issuer.wanted = true;
    }
    if (then) issuer.waiting.push_back(std::move(then));
  }
  wake_.notify_all();
  return true;
}

bool OutsideIssuers::fresh(const Issuer& issuer) const {
  return issuer.keys && clock_.steady() - issuer.fetched <= options_.keys_away;
}

std::shared_ptr<const PublishedKeys> OutsideIssuers::keys(std::string_view issuer) const {
  const std::lock_guard lock(mutex_);
  const auto found = issuers_.find(issuer);
  return found != issuers_.end() && fresh(found->second) ? found->second.keys : nullptr;
}

IssuerState OutsideIssuers::state_of(const std::string& url, const Issuer& issuer) const {
  return {url, issuer.problem, fresh(issuer) ? issuer.keys->keys.size() : 0};
}

std::vector<IssuerState> OutsideIssuers::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<IssuerState> all;
  for (const auto& [url, issuer] : issuers_) all.push_back(state_of(url, issuer));
  return all;
}

}  // namespace waybill::auth
