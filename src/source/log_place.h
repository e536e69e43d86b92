#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"

namespace waybill::source {

/// A folder that files are put into; made where it is missing.
struct LogPlace {
  int parent;         // the open folder that holds it
  std::string name;   // its name in there
  std::string shown;  // stands in messages
};

/// A log's name: not empty, not hidden, without '/'. Errors: invalid_argument.
Result<void> check_log_name(std::string_view name);

/// Copies `from` to `name` in the place, mode 0644: whole and durable, or not at all. Replaces a file of that
/// name. Errors: permission_denied, no_space, io, cancelled, timeout, invalid_argument (the name, or the
/// place is a link).
Result<void> put_file(const LogPlace& place, const std::string& name, const std::filesystem::path& from,
                      const Context& context);

/// Takes a file away that put_file() made; one that is not there is fine. Errors: as put_file().
Result<void> remove_file(const LogPlace& place, const std::string& name);

}  // namespace waybill::source
