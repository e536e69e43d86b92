#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace waybill::auth {

/// Seals private keys at rest. Implemented where the server's master key is kept (app/ adapts storage's). Any
/// thread.
class KeySealer {
 public:
  virtual ~KeySealer() = default;
  virtual Result<std::string> seal(std::string_view plain) = 0;
  /// Errors: corrupt (another master key, or damaged bytes).
  virtual Result<Secret> open(std::string_view sealed) = 0;
};

}  // namespace waybill::auth
