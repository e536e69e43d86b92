#pragma once

#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "package/file_tree.h"
#include "source/source.h"

namespace waybill::package {

/// Opens a folder whose files `listed` names, with the same checks of paths and limits as a zip. Each file is
/// compared with its listed version when it is read: one that changed since is corrupt, and says so. `source`
/// outlives what is opened.
Opened open_folder(source::Source& source, std::vector<source::FileInfo> listed, const Limits& limits);

/// Whether the files, some of them possibly not fit for a package, are one: by their paths alone.
bool is_package_folder(const std::vector<source::FileInfo>& listed);

}  // namespace waybill::package
