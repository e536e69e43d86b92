#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/files.h"
#include "source/source.h"

namespace waybill::source {

/// A package on this machine: a folder, or a file in one. Everything is opened below `folder`, following no
/// link.
struct LocalRoot {
  std::string uri;
  std::string shown;          // stands in messages for the root: a path, or the URI where the path is ours
  FileDescriptor folder;      // the root itself, or the folder that holds it where it is a file
  std::string file;           // the file's name in `folder`; empty where the root is the folder
  std::string version;        // of a file that never changes; empty: as the file system tells
  FileDescriptor log_folder;  // `logs/` is made in it; none: this source takes no log
  std::filesystem::path log_folder_path;
};

/// Its list() leaves out a folder `logs` at the top: that is where Waybill puts its logs.
std::unique_ptr<Source> make_local_source(LocalRoot root);

/// "file://" with the path percent-encoded (RFC 8089).
std::string file_uri(const std::filesystem::path& path);

}  // namespace waybill::source
