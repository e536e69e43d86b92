#pragma once

#include <string>

#include "base/files.h"
#include "base/result.h"

namespace waybill::source {

/// Opens `relative` ('/' between names, none of them empty, "." or ".."; "" is the folder itself) below the
/// open folder, following no link at any place of the path, so that one swapped in later leads nowhere.
/// `flags` as in open(2); O_CLOEXEC and O_NOFOLLOW are added. `name` stands in messages. Any thread.
/// Errors: invalid_argument (the path, or a link in it), otherwise what the system says.
Result<FileDescriptor> open_beneath(int folder, const std::string& relative, int flags,
                                    const std::string& name);

/// The same without openat2(2), name by name: for kernels before 5.6 and sandboxes that forbid the call.
Result<FileDescriptor> open_beneath_by_names(int folder, const std::string& relative, int flags,
                                             const std::string& name);

}  // namespace waybill::source
