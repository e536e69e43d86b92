#pragma once

#include "cli/console.h"
#include "cli/local.h"

namespace waybill::cli {

/// Where a package of the system keeps the service's settings and data (packaging/debian).
inline constexpr const char* kInstalledSettings = "/etc/waybill/waybill.toml";
inline constexpr const char* kInstalledData = "/var/lib/waybill";

/// The arguments with the data folder of WAYBILL_DATA_DIR where no flag names one.
inline LocalArguments with_environment(LocalArguments arguments, const Console& console) {
  if (const auto folder = console.variable("WAYBILL_DATA_DIR")) {
    arguments.overrides.emplace("storage.data_dir", *folder);  // leaves what is there
  }
  return arguments;
}

/// The same for commands that look after a server of this machine: where nothing names settings or a folder,
/// and ./waybill-data is not there, the installed service is meant.
inline LocalArguments of_this_machine(LocalArguments arguments, const Console& console) {
  arguments = with_environment(std::move(arguments), console);
  const bool named = !arguments.config_file.empty() || arguments.overrides.contains("storage.data_dir") ||
                     console.variable("WAYBILL_CONFIG") || console.variable("WAYBILL_STORAGE_DATA_DIR");
  std::error_code ignored;
  if (!named && !std::filesystem::exists("waybill-data", ignored) &&
      std::filesystem::exists(kInstalledSettings, ignored)) {
    arguments.config_file = kInstalledSettings;
  }
  return arguments;
}

}  // namespace waybill::cli
