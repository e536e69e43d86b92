#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace waybill::auth {

/// A P-256 key that signs or checks with ES256 and nothing else (RFC 7518, 3.4), so that a token cannot
/// choose its algorithm. Immutable; any thread.
class Es256Key {
 public:
  /// A new key pair; the kid is its RFC 7638 thumbprint.
  static Result<Es256Key> generate();
  /// From a JWK (RFC 7517), with or without the private part. Errors: corrupt.
  static Result<Es256Key> import(std::string_view jwk);

  const std::string& kid() const { return kid_; }
  /// The JWK to publish: with kid, alg and use, without the private part.
  const std::string& public_jwk() const { return public_jwk_; }
  Result<Secret> private_jwk() const;

  /// A compact JWS (RFC 7515, 7.1) of `payload` with this key's alg and kid and the given typ. Only with the
  /// private part. Errors: internal.
  Result<std::string> sign(std::string_view payload, const std::string& type) const;
  /// True where `compact` bears a good ES256 signature by this key. The header's alg must have been compared
  /// before.
  bool verify(std::string_view compact) const;

 private:
  struct Handle;
  std::shared_ptr<Handle> handle_;  // shared: snapshots of the key ring copy keys
  std::string kid_, public_jwk_;
};

}  // namespace waybill::auth
