#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>

#include "base/files.h"
#include "source/source.h"

namespace waybill::source {

/// Size, modification time in nanoseconds and inode: changes with the bytes as far as a file system tells.
/// Not the device, whose number is another after a reboot where the share is mounted anew.
std::string version_of(const struct stat& info);

/// A regular file by its descriptor; anything else is invalid_argument. `name` stands in messages. `version`:
/// that of a file that never changes; empty, version_of() it.
Result<std::unique_ptr<RandomAccess>> make_local_file(FileDescriptor fd, std::string name,
                                                      std::string version = {});

}  // namespace waybill::source
