#pragma once

#include <string>

#include "base/result.h"

namespace waybill::source {

/// Where a key below `prefix` lies in the package; empty where it is no file of it: the empty object that
/// consoles make for a folder, and logs/, where Waybill puts its own. Errors: invalid_argument (an empty
/// name, "." or ".." in it).
Result<std::string> path_of_key(const std::string& key, const std::string& prefix);

}  // namespace waybill::source
