#pragma once

#include <string>
#include <vector>

#include "app/data_folder.h"
#include "cli/local.h"
#include "config/settings.h"

namespace waybill::app {

/// What a job with this `dataSource` (JSON, as in a request) would meet on this machine: reachable, its
/// host's key, the clocks, a listing, a readable package, a place for the log. Stops at the first that the
/// others need. Writes nothing but a file below logs/, which it takes away again. No check shows a secret.
std::vector<cli::Local::Check> check_source(const config::Settings& settings, const DataPaths& paths,
                                            const std::string& data_source);

}  // namespace waybill::app
