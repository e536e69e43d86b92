#pragma once

#include <cstdint>

#include "base/ids.h"

namespace waybill::storage {

/// What one process tells the others that share its database: that there is something to look for. It may be
/// missed: whoever hears it looks in any case, only later.
struct Notice {
  enum class Kind : std::uint8_t { due, cancel, ended };
  Kind kind = Kind::due;  // a job may be taken; its owner is to stop it; it has ended, or was let go
  JobId job;
};

}  // namespace waybill::storage
