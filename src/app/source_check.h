#pragma once

#include <string>
#include <vector>

#include "app/data_folder.h"
#include "base/cancel.h"
#include "base/time.h"
#include "cli/local.h"
#include "config/settings.h"
#include "package/file_tree.h"
#include "source/source.h"

namespace waybill::app {

/// The one check of a source that cannot be opened or listed: why, and what to do.
cli::Local::Check source_away(const Error& error);

/// What a job would meet at this source: reachable, its host's key, the clocks, a listing, a readable
/// package. Stops at the first that the others need; each takes at most `each`. Reads only. No check shows a
/// secret.
std::vector<cli::Local::Check> check_source(source::Source& source, const package::Limits& limits,
                                            const Context& context, Milliseconds each);

/// The same from this machine for a `dataSource` (JSON, as in a request), and whether a log can be put beside
/// it: writes a file below logs/, which it takes away again.
std::vector<cli::Local::Check> check_source(const config::Settings& settings, const DataPaths& paths,
                                            const std::string& data_source);

}  // namespace waybill::app
