#include "app/bucket.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "app/outgoing.h"
#include "base/hash.h"
#include "base/text.h"

namespace waybill::app {

namespace {

// A bucket near the nodes answers at once or not at all.
constexpr Milliseconds kMostConnect{5'000};
constexpr Milliseconds kCheckTime{30'000};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// "minio.local" of "https://minio.local:9000/path".
std::string host_of(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url.find("://") + 3));
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return std::string(url.substr(0, url.find(':')));
}

/// Put, read back and taken away again.
Result<void> probe(s3::Bucket& bucket) {
  const Context context = Context().with_timeout(kCheckTime);
  WB_CHECK_OK(bucket.ping(context));
  const std::string name = "waybill-doctor-" + hex_encode(random_bytes(8));
  const std::string bytes = "Written and taken away by `waybill doctor`.\n";
  WB_CHECK_OK(bucket.put(name, bytes, context));
  WB_TRY(const auto found, bucket.find(name, context));
  if (!found || found->size != bytes.size())
    return Error{ErrorCode::corrupt, "What was put into " + bucket.uri() + " is not there."};
  std::string read(bytes.size(), '\0');
  WB_CHECK_OK(bucket.read(*found, 0, read, context));
  if (read != bytes) return Error{ErrorCode::corrupt, bucket.uri() + " gives other bytes than were put."};
  return bucket.remove(name, context);
}

}  // namespace

std::optional<s3::Credentials> server_credentials() {
  s3::Credentials credentials{variable("AWS_ACCESS_KEY_ID"), Secret(variable("AWS_SECRET_ACCESS_KEY")),
                              Secret(variable("AWS_SESSION_TOKEN"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) return std::nullopt;
  return credentials;
}

Result<std::shared_ptr<s3::Bucket>> open_bucket(const config::Settings& settings) {
  const auto& storage = settings.storage;
  if (storage.bucket.empty()) return std::shared_ptr<s3::Bucket>();
  const auto address = s3::parse_uri(storage.bucket);
  if (!address) return Error{ErrorCode::invalid_argument, "storage.bucket: " + address.error().message};
  auto credentials = server_credentials();
  if (!credentials) {
    return Error{ErrorCode::invalid_argument,
                 "storage.bucket needs keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
                 "environment of the server"};
  }
  s3::Options options;
  options.endpoint = storage.bucket_endpoint.empty() ? settings.s3.endpoint : storage.bucket_endpoint;
  options.region = storage.bucket_region.empty() ? settings.s3.region : storage.bucket_region;
  options.connections = settings.s3.connections;
  WB_TRY(options.http, outgoing_http(settings, settings.s3.ca_file));
  options.http.connect_timeout = std::min(options.http.connect_timeout, kMostConnect);
  // It is the operator who names this place, and no client.
  auto allowed = settings.network.allow;
  if (!options.endpoint.empty()) allowed.push_back(host_of(options.endpoint));
  WB_TRY(options.http.egress, net::Egress::parse(allowed));
  return std::make_shared<s3::Bucket>(*address, *std::move(credentials), options);
}

cli::Local::Check check_bucket(const config::Settings& settings) {
  const std::string what = "bucket " + settings.storage.bucket;
  const auto bucket = open_bucket(settings);
  if (!bucket) return {what, bucket.error().message, "Correct it.", false};
  if (const auto done = probe(**bucket); !done) {
    return {what, done.error().message,
            "Allow its keys to list, get, put and delete there, and check the way to " +
                (*bucket)->endpoint() + ".",
            false};
  }
  return {what, "can be written to, read and deleted from, at " + (*bucket)->endpoint(), "", true};
}

}  // namespace waybill::app
