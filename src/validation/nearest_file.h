#pragma once

#include <string>
#include <string_view>

#include "validation/checks.h"

namespace waybill::validation {

/// The file of the package that `path` (relative to articles/) most likely means, or empty.
std::string nearest_file(std::string_view path, const KnownFiles& known);

}  // namespace waybill::validation
