#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/client_store.h"
#include "auth/issuer.h"
#include "base/hash.h"
#include "base/secret.h"

namespace waybill::auth {

/// A client with its secret, which is shown once and never kept.
struct NewClient {
  Client client;
  Secret secret;  // 256 bit, base64url
};

/// Makes a client, not yet stored. Errors: invalid_argument (name, department, scopes), internal (no memory
/// for Argon2id).
Result<NewClient> make_client(const std::string& name, const std::string& department,
                              const std::vector<std::string>& scopes, Time now);

/// A new secret and its hash, for a client that is there.
struct NewSecret {
  Secret secret;
  std::string hash;
};
Result<NewSecret> make_secret();

/// A token request as it came (RFC 6749, 4.4.2).
struct TokenRequest {
  std::string_view content_type;
  std::optional<std::string_view> authorization;
  std::string_view body;
  /// Asked before an Argon2id is spent on a secret that is not known yet: how long the caller has to wait,
  /// nullopt where it need not. Empty: nobody has to.
  std::function<std::optional<std::chrono::seconds>()> may_guess = {};
};

/// A token, or an error of RFC 6749, 5.2.
struct TokenAnswer {
  std::optional<IssuedToken> issued;
  int status = 200;
  std::string error;  // "invalid_client"
  std::string description;
  bool challenge_basic = false;         // 401 with WWW-Authenticate: Basic
  std::chrono::seconds retry_after{0};  // of 429
};

/// The token endpoint's work: grant client_credentials, the client's id and secret in the body or by HTTP
/// Basic. An unknown id costs as much as a wrong secret. Blocks for the time of one Argon2id; any thread.
class TokenGrants {
 public:
  explicit TokenGrants(const Issuer& issuer);
  TokenAnswer answer(const TokenRequest& request);

 private:
  Sha256 pair_of(const std::string& hash, std::string_view secret) const;
  bool is_known(const std::string& hash, std::string_view secret);
  bool secret_fits(const std::string& hash, std::string_view secret);

  const Issuer& issuer_;
  const std::string pepper_;    // of this process, for known_
  std::mutex hashing_;          // one Argon2id at a time: each takes 64 MiB
  std::string hash_of_nobody_;  // guarded by hashing_: what unknown ids are compared with
  std::mutex mutex_;            // guards known_
  std::set<Sha256> known_;  // pairs of hash and secret that were good, so that they cost no Argon2id again
};

}  // namespace waybill::auth
