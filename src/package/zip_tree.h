#pragma once

#include <memory>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "package/file_tree.h"
#include "source/source.h"

namespace waybill::package {

/// When local headers are compared with the directory: all when the zip is opened, so that one run names
/// every defect, or each when its file is read, so that a zip that is still being fetched can be opened by
/// its end alone.
enum class LocalHeaders { check_at_open, check_when_read };

/// Opens a zip. `uri` is how people know it. What is wrong with it is in the findings; what is wrong with
/// reading it is an Error. `description` is left to the caller.
Result<Opened> open_zip(std::unique_ptr<source::RandomAccess> file, const std::string& uri,
                        const Limits& limits, const Context& context,
                        LocalHeaders headers = LocalHeaders::check_at_open);

}  // namespace waybill::package
