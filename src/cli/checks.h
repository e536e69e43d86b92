#pragma once

#include <vector>

#include "cli/console.h"
#include "cli/local.h"

namespace waybill::cli {

/// Prints them, with what to do about those that failed. True where none did.
bool print_checks(const std::vector<Local::Check>& checks, const Console& console, bool json);

}  // namespace waybill::cli
