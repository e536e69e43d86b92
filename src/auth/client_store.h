#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace waybill::auth {

/// A program that may ask for tokens (RFC 6749, 2). The secret itself is never kept.
struct Client {
  ClientId id;
  std::string name;
  Department department;
  std::string secret_hash;          // Argon2id, in its encoded form
  std::vector<std::string> scopes;  // granted, without prefix
  Time created{};
  std::optional<Time> revoked;
};

/// A key that signs tokens. `sealed_private_jwk` is sealed with the server's master key.
struct SigningKey {
  std::string kid;
  std::string public_jwk;
  std::string sealed_private_jwk;
  Time created{};
  std::optional<Time> retired;  // signs no more; published until the last token it signed has ended
};

/// Keeps clients and signing keys. Any thread. Errors: not_found, already_exists, unavailable, no_space, io.
class ClientStore {
 public:
  virtual ~ClientStore() = default;
  virtual Result<void> add(const Client& client) = 0;
  virtual Result<Client> get(const ClientId& id) = 0;
  virtual Result<std::vector<Client>> list() = 0;
  virtual Result<void> revoke(const ClientId& id, Time at) = 0;
  virtual Result<void> set_secret(const ClientId& id, const std::string& secret_hash) = 0;

  virtual Result<void> add_key(const SigningKey& key) = 0;
  virtual Result<std::vector<SigningKey>> keys() = 0;
  /// Retires every key but `kid`.
  virtual Result<void> retire_others(const std::string& kid, Time at) = 0;
  virtual Result<void> remove_key(const std::string& kid) = 0;
};

}  // namespace waybill::auth
