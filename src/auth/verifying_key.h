#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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
  /// The key's type, and its `alg` where it has one, allow the algorithm: a token cannot choose.
  bool allows(Algorithm algorithm) const;
  /// True where `signature` is the key's over `input`. False for an algorithm that it does not allow.
  bool verify(Algorithm algorithm, std::string_view input, std::string_view signature) const;

 private:
  struct Handle;
  std::shared_ptr<Handle> handle_;  // shared: snapshots of an issuer's keys copy them
  std::string kid_;
  std::optional<Algorithm> only_;  // the key's `alg`
};

}  // namespace waybill::auth
