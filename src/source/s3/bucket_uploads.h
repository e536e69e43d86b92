#pragma once

#include "base/ids.h"
#include "s3/bucket.h"
#include "source/uploads.h"

namespace waybill::source {

/// Uploads as objects uploads/{id}.zip of the server's own bucket, for any node to read. Whose one is stands
/// in its metadata, so that both are there in one step, or neither.
class BucketUploads final : public Uploads {
 public:
  /// `bucket` outlives this and the sources that it opens.
  explicit BucketUploads(s3::Bucket& bucket) : bucket_(bucket) {}

  Result<UploadId> adopt(const std::filesystem::path& body, const Department& department,
                         const Context& context) override;
  Result<std::unique_ptr<Source>> open(const std::string& uri, const Department& department,
                                       const Context& context) override;

  /// Removes nothing: a rule of the bucket's own does that (docs/operations.md).
  Result<std::size_t> remove_older_than(Time, const std::function<Result<bool>(const UploadId&)>&) override {
    return std::size_t{0};
  }

 private:
  s3::Bucket& bucket_;
};

}  // namespace waybill::source
