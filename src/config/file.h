#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/value.h"

namespace waybill::config {

/// Reads a TOML file into values by their full names ("server.listen"). The sections in `maps` ("languages")
/// have names of the operator's choice and become one ListMap each. Errors: not_found, permission_denied,
/// limit_exceeded (over 1 MiB), invalid_argument (not TOML: line and column), io.
Result<std::map<std::string, Value>> read_toml(const std::filesystem::path& file,
                                               const std::vector<std::string>& maps);

}  // namespace waybill::config
