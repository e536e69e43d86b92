#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/client_store.h"
#include "auth/jose.h"
#include "auth/key_sealer.h"
#include "base/time.h"

namespace waybill::auth {

struct IssuerOptions {
  std::string audience = "waybill";
  Milliseconds token_life{3'600'000};
  Milliseconds leeway{60'000};
  std::vector<std::string> scope_prefixes;
  /// A key signs so long after it was made: until then the old one does, while every process that serves this
  /// issuer's keys reads and publishes the new one. Zero where there is one process.
  Milliseconds publish_ahead{0};
};

/// The keys and the revoked clients as last read. Immutable; handed out as a snapshot.
struct KeyRing {
  std::map<std::string, Es256Key, std::less<>> keys;  // by kid: all that are published
  std::optional<Es256Key> signer;                     // with its private part
  std::set<std::string, std::less<>> revoked;         // client ids
  std::string jwks;                                   // what /.well-known/jwks.json answers
};

struct IssuedToken {
  std::string token;
  std::vector<std::string> scopes;
  Milliseconds life{};
};

/// Makes a new signing key and retires the others: their tokens stay good until they end, since retired keys
/// are published until then. May run beside serving processes, which notice, and sign with it once all of
/// them have had time to (IssuerOptions::publish_ahead). Returns the new kid.
Result<std::string> rotate_key(ClientStore& store, KeySealer& sealer, Time now);

/// The embedded issuer (RFC 6749, 8414, 9068): its keys, its addresses, its tokens. Any thread; everything
/// but start(), refresh() and issue() only copies a pointer.
class Issuer {
 public:
  Issuer(IssuerOptions options, ClientStore& store, KeySealer& sealer, const Clock& clock);

  /// Reads the keys, and makes the first. Errors: corrupt (the keys were sealed with another master key), and
  /// those of the store.
  Result<void> start();
  /// Reads keys and revoked clients anew, and drops keys whose last token has ended. Blocks on the database.
  Result<void> refresh();
  /// refresh() for a token whose key is not known, at most once in five seconds. False: asked too soon.
  bool refresh_for_unknown_key();

  /// The issuer's address, as clients reach it: claim `iss`. Set once the port is known.
  void set_url(std::string url);
  std::string url() const;

  /// A signed token for the client (RFC 9068). Errors: unavailable (not started), internal.
  Result<IssuedToken> issue(const Client& client, std::vector<std::string> scopes) const;

  /// The document of RFC 8414, 3.2.
  std::string metadata() const;
  std::shared_ptr<const KeyRing> ring() const;
  const IssuerOptions& options() const { return options_; }
  ClientStore& store() const { return store_; }
  const Clock& clock() const { return clock_; }

 private:
  const SigningKey* signer_among(const std::vector<SigningKey>& keys) const;
  Result<std::optional<Es256Key>> open_signer(const std::vector<SigningKey>& keys) const;

  const IssuerOptions options_;
  ClientStore& store_;
  KeySealer& sealer_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const KeyRing> ring_ = std::make_shared<const KeyRing>();
  std::string url_;
  std::optional<std::chrono::nanoseconds> asked_;  // last refresh for an unknown key
};

}  // namespace waybill::auth
