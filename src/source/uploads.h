#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "source/source.h"

namespace waybill::source {

/// Packages that were sent to Waybill itself (contract, section 5): zips, each with a note of whose it is.
/// Any thread.
class Uploads {
 public:
  virtual ~Uploads() = default;
  /// Takes a finished body over; it is durable when this returns. On success or failure the body may be gone.
  /// Errors: no_space, io, permission_denied, unavailable, cancelled.
  virtual Result<UploadId> adopt(const std::filesystem::path& body, const Department& department,
                                 const Context& context) = 0;
  /// Opens `upload://{id}`. An upload of another department is not_found, as one that never was.
  /// Errors: invalid_argument (the URI), not_found, io, unavailable, timeout, cancelled.
  virtual Result<std::unique_ptr<Source>> open(const std::string& uri, const Department& department,
                                               const Context& context) = 0;
  /// Removes what was adopted before `time`, unless `needed`, and what a crash left half done before it.
  /// Whoever has one open reads on. Returns how many uploads went. Errors: io, those of `needed`.
  virtual Result<std::size_t> remove_older_than(
      Time time, const std::function<Result<bool>(const UploadId&)>& needed) = 0;
};

/// Uploads in a folder of their own, that of several servers where they share one. The body is moved, so it
/// best lies on the same file system.
class LocalUploads final : public Uploads {
 public:
  /// The folder is made where it is missing, with a first adopt(). `clock` outlives this.
  LocalUploads(std::filesystem::path folder, const Clock& clock);

  Result<UploadId> adopt(const std::filesystem::path& body, const Department& department,
                         const Context& context) override;
  Result<std::unique_ptr<Source>> open(const std::string& uri, const Department& department,
                                       const Context& context) override;

  Result<std::size_t> remove_older_than(Time time,
                                        const std::function<Result<bool>(const UploadId&)>& needed) override;

 private:
  std::filesystem::path body_path(const UploadId& id) const;
  std::filesystem::path note_path(const UploadId& id) const;

  std::filesystem::path folder_;
  const Clock* clock_;
};

/// "upload://6F9619FF-…": the path that a client gives.
std::string upload_uri(const UploadId& id);
/// Whose it is. Errors: invalid_argument (no such URI), not_found (nothing that an upload is called by).
Result<UploadId> parse_upload_uri(const std::string& uri);
/// As of an upload that is not there.
Error no_such_upload(const std::string& uri);

}  // namespace waybill::source
