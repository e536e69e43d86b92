#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "auth/verifying_key.h"
#include "base/cancel.h"
#include "base/result.h"
#include "base/time.h"

namespace waybill::auth {

/// What an HTTP GET brought.
struct Fetched {
  int status = 0;
  std::string body;
  std::optional<Milliseconds> max_age;  // Cache-Control (RFC 9111, 5.2.2.1)
};
/// Fetches a document; blocks, until the context is cancelled at most. Errors: as net::HttpClient::send.
using Fetch = std::function<Result<Fetched>(const std::string& url, const Context&)>;

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
Result<PublishedKeys> fetch_keys(const std::string& issuer, const Fetch& fetch, const Context& context);

/// What is known of an issuer.
struct IssuerState {
  std::string issuer;
  std::string problem;   // of the last fetch; empty: it went well, or there was none yet
  std::size_t keys = 0;  // that can be used now
};

struct OutsideIssuersOptions {
  std::vector<std::string> urls;
  Milliseconds keys_life{3'600'000};   // fetched anew after this long, or sooner where the issuer asks for it
  Milliseconds keys_away{86'400'000};  // how long keys stay good while their issuer is away
  /// Told of every fetch that ends otherwise than the one before. On the thread that fetched.
  std::function<void(const IssuerState&)> changed = {};
};

/// The issuers beside the embedded one whose tokens are taken: their keys, fetched and kept. Each has a
/// thread of its own that fetches, so that one that hangs holds up nobody who does not wait for its keys. Any
/// thread; but for stop() and refresh_due() nothing blocks.
class OutsideIssuers {
 public:
  static constexpr Milliseconds kLeastLife{60'000};      // whatever Cache-Control says
  static constexpr Milliseconds kRetry{15'000};          // after a failure
  static constexpr Milliseconds kUnknownKeyWait{5'000};  // between fetches for keys that are not known
  static constexpr std::size_t kMostWaiting = 64;        // for one issuer

  OutsideIssuers(OutsideIssuersOptions options, Fetch fetch, const Clock& clock);
  ~OutsideIssuers();
  OutsideIssuers(const OutsideIssuers&) = delete;
  OutsideIssuers& operator=(const OutsideIssuers&) = delete;

  /// Starts the threads, which fetch at once. Once.
  void start();
  /// Breaks fetches off and ends the threads; who waits is called. May be repeated.
  void stop();

  bool empty() const { return issuers_.empty(); }
  bool knows(std::string_view issuer) const { return issuers_.contains(issuer); }
  /// Null where they were never fetched, or too long ago. The same pointer as long as they are the same
  /// fetch.
  std::shared_ptr<const PublishedKeys> keys(std::string_view issuer) const;

  /// For a token whose key is not known: has the keys fetched, at most once in kUnknownKeyWait for each
  /// issuer, and then calls `then` (may be empty), on the thread that fetched. A fetch under way counts.
  /// False: it was asked too soon, or too many wait, or there is no such issuer; `then` is not called.
  bool ask(std::string_view issuer, std::function<void()> then);

  /// Fetches what is due or was asked for, one after another: what the threads do.
  void refresh_due();

  std::vector<IssuerState> states() const;

 private:
  struct Issuer {
    std::shared_ptr<const PublishedKeys> keys;
    std::chrono::nanoseconds fetched{};            // steady
    std::optional<std::chrono::nanoseconds> next;  // when to fetch again; nullopt: at once
    std::optional<std::chrono::nanoseconds> asked;
    bool wanted = false;
    bool fetching = false;
    std::string problem;
    std::vector<std::function<void()>> waiting;
    std::thread thread;
  };
  void work(const std::string& url, Issuer& issuer);
  void refresh(const std::string& url, Issuer& issuer);
  bool begin(Issuer& issuer);
  IssuerState state_of(const std::string& url, const Issuer& issuer) const;
  bool fresh(const Issuer& issuer) const;

  const OutsideIssuersOptions options_;
  const Fetch fetch_;
  const Clock& clock_;
  const Context context_;     // of every fetch
  mutable std::mutex mutex_;  // guards what follows, but for the threads
  std::condition_variable wake_;
  std::map<std::string, Issuer, std::less<>> issuers_;  // by URL; no row comes or goes
  bool stopping_ = false;
};

}  // namespace waybill::auth
