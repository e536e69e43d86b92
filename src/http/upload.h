#pragma once

#include <filesystem>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace waybill::http {

/// A request's body as a file while it comes, removed unless somebody moved it. Blocks: for the pool.
class Upload {
 public:
  explicit Upload(std::filesystem::path path) : path_(std::move(path)) {}
  ~Upload();
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  /// Errors: as open(2) has them.
  Result<void> open();
  Result<void> append(std::string_view bytes);
  void close() { file_.reset(); }
  const std::filesystem::path& path() const { return path_; }

  /// A name in `folder` that no other upload has.
  static std::filesystem::path new_path(const std::filesystem::path& folder);
  /// Makes the folder and removes what a crash left in it.
  static Result<void> prepare(const std::filesystem::path& folder);

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

}  // namespace waybill::http
