#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "source/source.h"

namespace waybill::source {

/// Packages that were sent to Waybill itself (contract, section 5): zips in a folder of their own, each with
/// a note of whose it is. One process owns the folder. Any thread.
class Uploads {
 public:
  /// The folder is made where it is missing, with a first adopt(). `clock` outlives this.
  Uploads(std::filesystem::path folder, const Clock& clock);

  /// Takes a finished body over; it is durable when this returns. The body is moved, so it best lies on the
  /// same file system. On failure the body may be gone. Errors: no_space, io, permission_denied.
  Result<UploadId> adopt(const std::filesystem::path& body, const Department& department);

  /// Opens `upload://{id}`. An upload of another department is not_found, as one that never was.
  /// Errors: invalid_argument (the URI), not_found, io.
  Result<std::unique_ptr<Source>> open(const std::string& uri, const Department& department) const;

  /// Removes what was adopted before `time`, and what a crash left half done before it. Whoever has one open
  /// reads on. Returns how many uploads went. Errors: io.
  Result<std::size_t> remove_older_than(Time time);

 private:
  std::filesystem::path body_path(const UploadId& id) const;
  std::filesystem::path note_path(const UploadId& id) const;

  std::filesystem::path folder_;
  const Clock* clock_;
};

/// "upload://6F9619FF-…": the path that a client gives.
std::string upload_uri(const UploadId& id);

}  // namespace waybill::source
