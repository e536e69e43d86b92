#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>

#include "base/files.h"
#include "source/source.h"

namespace waybill::source {

/// Size, modification time in nanoseconds, inode and device: changes with the bytes as far as a file system
/// tells.
std::string version_of(const struct stat& info);

/// A regular file by its descriptor; anything else is invalid_argument. `name` stands in messages.
Result<std::unique_ptr<RandomAccess>> make_local_file(FileDescriptor fd, std::string name);

}  // namespace waybill::source
