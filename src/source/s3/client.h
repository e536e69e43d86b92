#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "source/s3/answers.h"
#include "source/s3/s3.h"

namespace waybill::source {

/// The few operations on one bucket that a source needs. Throttled and broken requests are sent again;
/// another region that the store names is taken from then on. Any thread. Errors: as open_s3().
class S3Client {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;

  S3Client(std::string bucket, S3Credentials credentials, const S3Options& options);

  Result<S3Object> look(const std::string& key, const Context& context);
  /// All keys with the prefix. Errors also: limit_exceeded.
  Result<std::vector<S3Object>> list(const std::string& prefix, std::size_t most, const Context& context);
  /// Fills `into`; goes on at the byte where a connection broke. An object that is another now is
  /// unavailable.
  Result<void> read(const S3Object& object, std::uint64_t offset, std::span<char> into,
                    const Context& context);
  Result<void> put(const std::string& key, const std::filesystem::path& from, const Context& context);
  /// One that is not there is fine.
  Result<void> remove(const std::string& key, const Context& context);

  /// Where the requests go, for people.
  std::string endpoint();
  /// How far the store's clock was ahead at the last answer.
  std::optional<Milliseconds> clock_ahead();

 private:
  struct Call {
    std::string method = "GET";
    std::string key = {};  // empty: the bucket itself
    Query query = {};
    net::HttpHeaders headers = {};
    std::string body = {};
    std::function<bool(std::string_view)> sink = {};
  };
  Result<net::HttpResponse> once(const Call& call, const Context& context);
  Result<net::HttpResponse> checked(const Call& call, const Context& context);
  Result<net::HttpResponse> tried(const Call& call, const Context& context);
  Error changed(const S3Object& object) const;
  Error refusal(const Call& call, const net::HttpResponse& response);
  bool take_region(const net::HttpResponse& response);
  Result<void> put_parts(const std::string& key, const std::filesystem::path& from, const Context& context);
  std::string region();
  std::string shown(const std::string& key) const { return "s3://" + bucket_ + "/" + key; }

  const std::string bucket_;
  const S3Credentials credentials_;
  const S3Options options_;
  net::HttpClient http_;
  std::mutex mutex_;
  std::string region_;                       // guarded by mutex_
  std::optional<Milliseconds> clock_ahead_;  // guarded by mutex_
};

}  // namespace waybill::source
