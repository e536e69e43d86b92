#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

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
  keys_away,  // of an issuer that is known, and cannot be reached
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

}  // namespace waybill::auth
