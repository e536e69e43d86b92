#include <boost/json.hpp>
#include <unordered_map>

#include "base/text.h"
#include "source/s3/client.h"

namespace waybill::source {

namespace {

constexpr std::size_t kMostObjects = 1'000'000;
constexpr std::string_view kScheme = "s3://";
constexpr std::string_view kLogs = "logs/";

/// An object, read range by range.
class S3File final : public RandomAccess {
 public:
  S3File(std::shared_ptr<S3Client> client, S3Object object)
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
  const std::shared_ptr<S3Client>
      client_;  // shared: the source and the files that it opened use its connections
  const S3Object object_;
};

class S3Source final : public Source {
 public:
  S3Source(S3Address address, std::shared_ptr<S3Client> client, int connections)
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
    S3Object object;
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
    WB_CHECK_OK(client_->put(std::string(kLogs) + std::string(name), file, context));
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

  const S3Address address_;
  const std::shared_ptr<S3Client> client_;
  const int connections_;
  std::string prefix_;
  // By path. Filled by list(), which comes before every open() and never beside one.
  std::unordered_map<std::string, S3Object> listed_;
};

}  // namespace

Result<S3Address> parse_s3_uri(std::string_view uri) {
  const Error wrong{ErrorCode::invalid_argument, "an S3 path must be s3://bucket/key-or-prefix"};
  if (!iequals(uri.substr(0, kScheme.size()), kScheme)) return wrong;
  const std::string_view rest = uri.substr(kScheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  S3Address address;
  address.bucket = rest.substr(0, slash);
  address.uri = uri;
  constexpr std::size_t kMost = 255;  // 63 at AWS; other stores and old buckets allow more
  constexpr std::string_view kOf = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  if (address.bucket.size() < 3 || address.bucket.size() > kMost ||
      address.bucket.find_first_not_of(kOf) != std::string::npos) {
    return Error{ErrorCode::invalid_argument,
                 "the bucket's name must have 3 to 255 letters, digits, '.', '-' and '_'"};
  }
  const auto key = percent_decode(rest.substr(std::min(slash + 1, rest.size())));
  if (!key || key->find('\0') != std::string::npos || first_invalid_utf8(*key)) {
    return Error{ErrorCode::invalid_argument,
                 "the key after the bucket must be percent-encoded UTF-8 without NUL"};
  }
  address.key = *key;
  return address;
}

Result<S3Credentials> read_s3_credentials(std::string_view json) {
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
  S3Credentials credentials{member("accessKeyId", "accessKey"),
                            Secret(member("secretAccessKey", "secretKey")),
                            Secret(member("sessionToken", "sessionToken"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "The credentials of an S3 source are missing: give 'accessKeyId' with 'secretAccessKey'."};
  }
  return credentials;
}

Result<std::unique_ptr<Source>> open_s3(const S3Address& address, const S3Credentials& credentials,
                                        const S3Options& options) {
  auto client = std::make_shared<S3Client>(address.bucket, credentials, options);
  return std::unique_ptr<Source>(std::make_unique<S3Source>(address, std::move(client), options.connections));
}

}  // namespace waybill::source
