#include "source/s3/bucket_uploads.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace waybill::source {

namespace {

constexpr const char* kDepartment = "waybill-department";

std::string name_of(const UploadId& id) {
  return "uploads/" + to_string(id) + ".zip";
}

bool belongs_to(const s3::Object& object, const Department& department) {
  const auto named = std::find_if(object.metadata.begin(), object.metadata.end(),
                                  [](const auto& entry) { return entry.first == kDepartment; });
  return named != object.metadata.end() && named->second == percent_encode(department.value());
}

class UploadFile final : public RandomAccess {
 public:
  UploadFile(s3::Bucket& bucket, s3::Object object, std::string version)
      : bucket_(bucket), object_(std::move(object)), version_(std::move(version)) {}
  std::uint64_t size() const override { return object_.size; }
  std::string version() const override { return version_; }
  Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) const override {
    if (offset > object_.size || into.size() > object_.size - offset) {
      return Error{ErrorCode::corrupt, "the upload ends before byte " + std::to_string(offset + into.size())};
    }
    return bucket_.read(object_, offset, into, context);
  }

 private:
  s3::Bucket& bucket_;
  const s3::Object object_;
  const std::string version_;
};

/// One upload, which never changes.
class UploadSource final : public Source {
 public:
  UploadSource(s3::Bucket& bucket, const UploadId& id, s3::Object object)
      : bucket_(bucket),
        uri_(upload_uri(id)),
        // That of an upload in a folder, so that a bucket can be filled from one under jobs that go on.
        version_(to_string(id) + "-" + std::to_string(object.size)),
        object_(std::move(object)) {}

  std::string uri() const override { return uri_; }
  bool is_far() const override { return true; }
  int reads_at_once() const override { return bucket_.connections(); }
  Result<std::vector<FileInfo>> list(const Context&) override {
    return std::vector<FileInfo>{{"", object_.size, version_}};
  }
  Result<std::unique_ptr<RandomAccess>> open(const std::string& path, const Context&) override {
    if (!path.empty()) return no_such_upload(uri_ + "/" + path);
    return std::unique_ptr<RandomAccess>(std::make_unique<UploadFile>(bucket_, object_, version_));
  }
  std::string log_location(std::string_view) const override { return {}; }
  Result<std::string> put_log(std::string_view, const std::filesystem::path&, const Context&) override {
    return Error{ErrorCode::permission_denied, "an upload takes no log"};
  }
  Result<void> remove_log(std::string_view, const Context&) override { return {}; }
  std::string peer() const override { return bucket_.endpoint(); }

 private:
  s3::Bucket& bucket_;
  const std::string uri_, version_;
  const s3::Object object_;
};

}  // namespace

Result<UploadId> BucketUploads::adopt(const std::filesystem::path& body, const Department& department,
                                      const Context& context) {
  // A long body is sent part by part with the patience of a job: that it goes nowhere is told before.
  WB_CHECK_OK(bucket_.ping(context));
  const UploadId id(Uuid::random());
  WB_CHECK_OK(
      bucket_.put_file(name_of(id), body, {{kDepartment, percent_encode(department.value())}}, context));
  return id;
}

Result<std::unique_ptr<Source>> BucketUploads::open(const std::string& uri, const Department& department,
                                                    const Context& context) {
  WB_TRY(const UploadId id, parse_upload_uri(uri));
  WB_TRY(auto object, bucket_.find(name_of(id), context));
  if (!object || !belongs_to(*object, department)) return no_such_upload(uri);
  return std::unique_ptr<Source>(std::make_unique<UploadSource>(bucket_, id, std::move(*object)));
}

}  // namespace waybill::source
