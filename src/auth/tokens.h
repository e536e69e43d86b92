#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/caller.h"
#include "auth/issuer.h"
#include "auth/outside_tokens.h"
#include "base/hash.h"

namespace waybill::auth {

/// What became of a wish for an issuer's keys.
enum class Asked : std::uint8_t {
  not_outside,  // the token is none of an outside issuer
  coming,       // the keys are being fetched, and `then` follows
  not_now       // they were asked for just now
};

/// Checks access tokens of the embedded issuer (RFC 7519, 9068) and of outside ones: algorithm pinned by the
/// key, size bounded, every claim that the contract names. A token that was good is known by its hash until
/// it ends or its issuer's keys change, so a poll costs a hash and a look-up. Any thread; never blocks on
/// I/O.
class TokenChecker {
 public:
  static constexpr std::size_t kMaxBytes = 8 * 1024;
  static constexpr std::size_t kMaxCached = 10'000;

  /// `outside` may be null, and outlives it, as `issuer` does.
  explicit TokenChecker(const Issuer& issuer, OutsideIssuers* outside = nullptr, OutsideRules rules = {})
      : issuer_(issuer), outside_(outside), rules_(std::move(rules)) {}
  TokenCheck check(std::string_view token);
  /// For a token whose key is not known: has its issuer's keys fetched, where that is an outside one
  /// (OutsideIssuers::ask).
  Asked ask_for_keys(std::string_view token, std::function<void()> then) const;

 private:
  struct HashOfSha256 {
    std::size_t operator()(const Sha256& hash) const noexcept;
  };

  struct Known {
    std::shared_ptr<const Caller> caller;
    std::string issuer;                         // an outside one; empty: the embedded issuer
    std::shared_ptr<const PublishedKeys> keys;  // that it was checked with; shared: as in OutsideIssuers
  };
  TokenCheck verify(std::string_view token, const KeyRing& ring, Known& known) const;
  TokenCheck verify_own(std::string_view token, const boost::json::object& header,
                        const boost::json::object& claims, const KeyRing& ring) const;
  TokenCheck still_good(std::shared_ptr<const Caller> caller, const KeyRing& ring) const;
  void remember(const Sha256& hash, Known known);

  const Issuer& issuer_;
  OutsideIssuers* const outside_;
  const OutsideRules rules_;
  std::mutex mutex_;  // guards known_
  std::unordered_map<Sha256, Known, HashOfSha256> known_;
};

}  // namespace waybill::auth
