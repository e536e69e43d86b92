#pragma once

#include "cli/console.h"
#include "cli/local.h"

namespace waybill::cli {

/// The arguments with the data folder of WAYBILL_DATA_DIR where no flag names one.
inline LocalArguments with_environment(LocalArguments arguments, const Console& console) {
  if (const auto folder = console.variable("WAYBILL_DATA_DIR")) {
    arguments.overrides.emplace("storage.data_dir", *folder);  // leaves what is there
  }
  return arguments;
}

}  // namespace waybill::cli
