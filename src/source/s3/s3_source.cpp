#include <boost/json.hpp>
#include <unordered_map>

#include "base/text.h"
#include "s3/client.h"
#include "source/s3/key_path.h"
#include "source/s3/s3.h"

namespace waybill::source {

namespace {

constexpr std::size_t kMostObjects = 1'000'000;
constexpr std::string_view kScheme = "s3://";
constexpr std::string_view kLogs = "logs/";

/// An object, read range by range.
class S3File final : public RandomAccess {
 public:
  S3File(std::shared_ptr<s3::Client> client, s3::Object object)
      : client_(std::move(client)), object_(std::move(object)) {}
  std::uint64_t size() const override { return object_.size; }
  std::string version() const override { return object_.etag; }
  Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) const override {
    if (offset > object_.size || into.size() > object_.size - offset) {
      return Error{ErrorCode::corrupt, "the object ends before byte " + std::to_string(offset + into.size())};
    }
    return client_->read(object_, offset, into, context);
  }

 private:
  const std::shared_ptr<s3::Client>
      client_;  // shared: the source and the files that it opened use its connections
  const s3::Object object_;
};

class S3Source final : public Source {
 public:
  S3Source(s3::Address address, std::shared_ptr<s3::Client> client, int connections)
      : address_(std::move(address)), client_(std::move(client)), connections_(connections) {
    prefix_ = address_.key;
    if (!prefix_.empty() && !prefix_.ends_with('/')) prefix_ += '/';
  }

  std::string uri() const override { return address_.uri; }
  bool is_far() const override { return true; }
  int reads_at_once() const override { return connections_; }

  Result<std::vector<FileInfo>> list(const Context& context) override {
    if (to_lower(address_.key).ends_with(".zip")) return list_object(context);
    WB_TRY(auto objects, client_->list(prefix_, kMostObjects, context));
    std::vector<FileInfo> files;
    for (auto& object : objects) {
      WB_TRY(std::string path, path_of_key(object.key, prefix_));
      if (path.empty()) continue;
      files.push_back({path, object.size, object.etag});
      listed_.insert_or_assign(std::move(path), std::move(object));
    }
    if (files.empty() && !address_.key.empty() && !address_.key.ends_with('/')) return list_object(context);
    if (files.empty()) return Error{ErrorCode::not_found, "There is nothing at " + address_.uri + "."};
    return files;
  }

  Result<std::unique_ptr<RandomAccess>> open(const std::string& path, const Context& context) override {
    const auto known = listed_.find(path);
    s3::Object object;
    if (known != listed_.end()) {
      object = known->second;
    } else {
      WB_TRY(object, client_->look(path.empty() ? address_.key : prefix_ + path, context));
    }
    return std::unique_ptr<RandomAccess>(std::make_unique<S3File>(client_, std::move(object)));
  }

  std::string log_location(std::string_view name) const override {
    return std::string(kScheme) + address_.bucket + "/" + std::string(kLogs) + std::string(name);
  }

  Result<std::string> put_log(std::string_view name, const std::filesystem::path& file,
                              const Context& context) override {
    WB_CHECK_OK(client_->put_file(std::string(kLogs) + std::string(name), file, {}, context));
    return log_location(name);
  }

  Result<void> remove_log(std::string_view name, const Context& context) override {
    return client_->remove(std::string(kLogs) + std::string(name), context);
  }

  std::string peer() const override { return client_->endpoint(); }
  std::optional<Milliseconds> clock_ahead() const override { return client_->clock_ahead(); }

 private:
  Result<std::vector<FileInfo>> list_object(const Context& context) {
    WB_TRY(auto object, client_->look(address_.key, context));
    std::vector<FileInfo> files{{"", object.size, object.etag}};
    listed_.insert_or_assign("", std::move(object));
    return files;
  }

  const s3::Address address_;
  const std::shared_ptr<s3::Client> client_;
  const int connections_;
  std::string prefix_;
  // By path. Filled by list(), which comes before every open() and never beside one.
  std::unordered_map<std::string, s3::Object> listed_;
};

}  // namespace

Result<s3::Credentials> read_s3_credentials(std::string_view json) {
  boost::system::error_code failed;
  const auto value = boost::json::parse(json, failed);
  const auto* object = failed ? nullptr : value.if_object();
  const auto member = [&](const char* name, const char* other) {
    for (const char* each : {name, other}) {
      const auto* found = object == nullptr ? nullptr : object->if_contains(each);
      if (found != nullptr && found->is_string()) return std::string(found->get_string());
    }
    return std::string();
  };
  s3::Credentials credentials{member("accessKeyId", "accessKey"),
                              Secret(member("secretAccessKey", "secretKey")),
                              Secret(member("sessionToken", "sessionToken"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "The credentials of an S3 source are missing: give 'accessKeyId' with 'secretAccessKey'."};
  }
  return credentials;
}

Result<std::unique_ptr<Source>> open_s3(const s3::Address& address, const s3::Credentials& credentials,
                                        const s3::Options& options) {
  auto client = std::make_shared<s3::Client>(address.bucket, credentials, options);
  return std::unique_ptr<Source>(std::make_unique<S3Source>(address, std::move(client), options.connections));
}

}  // namespace waybill::source
