#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/verifying_key.h"
#include "base/result.h"
#include "base/time.h"

namespace waybill::auth {

/// What an HTTP GET brought.
struct Fetched {
  int status = 0;
  std::string body;
  std::optional<Milliseconds> max_age;  // Cache-Control (RFC 9111, 5.2.2.1)
};
/// Fetches a document; blocks. Errors: as net::HttpClient::send.
using Fetch = std::function<Result<Fetched>(const std::string& url)>;

/// The keys of one issuer as last fetched. Immutable.
struct PublishedKeys {
  std::string jwks_uri;
  std::vector<VerifyingKey> keys;
  std::vector<std::string> unfit;  // why the others were left out
  std::optional<Milliseconds> max_age;

  /// Keys that a token's header can mean: those of its kid; without one, the only key of its algorithm.
  std::vector<const VerifyingKey*> meant(const std::optional<std::string>& kid, Algorithm algorithm,
                                         const std::vector<Algorithm>& taken) const;
};

/// Metadata and keys of an issuer (OpenID Connect Discovery 1.0, section 4; RFC 8414, 3; RFC 7517, 5).
/// Errors: those of `fetch`; invalid_argument where what came is not of this issuer, or no key is usable.
Result<PublishedKeys> fetch_keys(const std::string& issuer, const Fetch& fetch);

/// The issuers beside the embedded one whose tokens are taken: their keys, fetched and kept. Any thread. Only
/// refresh_due() and refresh_for_unknown_key() fetch, and so block.
class OutsideIssuers {
 public:
  // Keys are fetched anew after this long, sooner where the issuer asks for it, but not more often than:
  static constexpr Milliseconds kKeysLife{3'600'000};
  static constexpr Milliseconds kLeastLife{60'000};
  static constexpr Milliseconds kRetry{30'000};        // after a failure
  static constexpr Milliseconds kMostAge{86'400'000};  // keys of an issuer that is away are good for so long
  static constexpr Milliseconds kUnknownKeyWait{5'000};  // between fetches for keys that are not known

  OutsideIssuers(std::vector<std::string> urls, Fetch fetch, const Clock& clock);

  bool empty() const { return issuers_.empty(); }
  bool knows(std::string_view issuer) const { return issuers_.contains(issuer); }
  /// Null where they were never fetched, or too long ago.
  std::shared_ptr<const PublishedKeys> keys(std::string_view issuer) const;
  /// Grows whenever the keys of an issuer change: what was checked before is then checked anew.
  std::uint64_t generation() const;

  /// Fetches what is due.
  void refresh_due();
  /// For a token whose key is not known; at most once in kUnknownKeyWait for each issuer. A few callers wait
  /// for a fetch that is under way, the others return at once.
  void refresh_for_unknown_key(std::string_view issuer);

  struct State {
    std::string issuer;
    bool reachable = false;
    std::string problem;  // of the last fetch
    std::size_t keys = 0;
  };
  std::vector<State> states() const;

 private:
  struct Issuer {
    std::shared_ptr<const PublishedKeys> keys;
    std::chrono::nanoseconds fetched{};  // steady
    std::chrono::nanoseconds next{};     // when to fetch again
    std::optional<std::chrono::nanoseconds> asked;
    bool fetching = false;
    std::string problem;
  };
  void refresh(const std::string& url);

  const Fetch fetch_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable fetched_;
  std::map<std::string, Issuer, std::less<>> issuers_;  // by URL; no row comes or goes
  std::uint64_t generation_ = 0;
  int waiting_ = 0;
};

}  // namespace waybill::auth
