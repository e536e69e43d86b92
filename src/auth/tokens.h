#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/issuer.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/time.h"

namespace waybill::auth {

/// Who calls, as the token says. Immutable.
struct Caller {
  ClientId client;
  Department department;            // empty: bound to none
  std::vector<std::string> scopes;  // bare
  Time expires{};
  Time not_before{};
  bool admin() const;
};

enum class TokenFault : std::uint8_t {
  malformed,
  unknown_key,
  signature,
  expired,
  not_yet_valid,
  issuer,
  audience,
  revoked
};

/// A caller, or why there is none.
struct TokenCheck {
  std::shared_ptr<const Caller> caller;  // shared: the cache and the requests hold it
  TokenFault fault = TokenFault::malformed;
  std::string message;  // for the client; tells nothing of keys
};

/// Checks access tokens of the embedded issuer (RFC 7519, 9068): algorithm pinned by the key, size bounded,
/// every claim that the contract names. A token that was good is known by its hash until it ends, so a poll
/// costs a hash and a look-up. Any thread; never blocks on I/O.
class TokenChecker {
 public:
  static constexpr std::size_t kMaxBytes = 8 * 1024;
  static constexpr std::size_t kMaxCached = 10'000;

  explicit TokenChecker(const Issuer& issuer) : issuer_(issuer) {}
  TokenCheck check(std::string_view token);

 private:
  struct HashOfSha256 {
    std::size_t operator()(const Sha256& hash) const noexcept;
  };

  TokenCheck verify(std::string_view token, const KeyRing& ring) const;
  TokenCheck still_good(std::shared_ptr<const Caller> caller, const KeyRing& ring) const;
  void remember(const Sha256& hash, std::shared_ptr<const Caller> caller);

  const Issuer& issuer_;
  std::mutex mutex_;  // guards known_
  std::unordered_map<Sha256, std::shared_ptr<const Caller>, HashOfSha256> known_;
};

}  // namespace waybill::auth
