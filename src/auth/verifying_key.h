#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace waybill::auth {

/// The signatures that are taken (RFC 7518, 3.1; RFC 8037, 3.1). There is no "none" and no HMAC.
enum class Algorithm : std::uint8_t { rs256, ps256, es256, eddsa };
/// "RS256"; case matters.
std::optional<Algorithm> parse_algorithm(std::string_view name);

/// The public key of another issuer, for checking signatures alone. Immutable; any thread.
class VerifyingKey {
 public:
  /// From a JWK (RFC 7517): RSA of 2048 to 8192 bits, EC on P-256, Ed25519. Errors: invalid_argument where it
  /// is none of these, is not for signatures (`use`, `key_ops`), or holds a private or a symmetric key.
  static Result<VerifyingKey> import(std::string_view jwk);

  const std::string& kid() const { return kid_; }  // may be empty
  /// The one algorithm that the key is used with (RFC 8725, 3.1: a token cannot choose): its `alg`, without
  /// that the first of `taken` that its type can do. nullopt where there is none.
  std::optional<Algorithm> algorithm(const std::vector<Algorithm>& taken) const;
  /// True where `signature` is the key's over `input`. False for an algorithm that its type cannot do, or
  /// that is not its `alg`.
  bool verify(Algorithm algorithm, std::string_view input, std::string_view signature) const;

 private:
  bool allows(Algorithm algorithm) const;

  struct Handle;
  std::shared_ptr<Handle> handle_;  // shared: snapshots of an issuer's keys copy them
  std::string kid_;
  std::optional<Algorithm> only_;  // the key's `alg`
};

}  // namespace waybill::auth
