#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "s3/answers.h"
#include "s3/options.h"

namespace waybill::s3 {

/// The few operations on one bucket that Waybill needs. Throttled and broken requests are sent again;
/// another region that the store names is taken from then on. Any thread. Errors:
/// not_found (object, bucket), permission_denied (access denied, address not allowed, certificate),
/// invalid_argument (clock, region, keys' form), unavailable, timeout, cancelled, io.
class Client {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;

  Client(std::string bucket, Credentials credentials, const Options& options);

  /// With its metadata.
  Result<Object> look(const std::string& key, const Context& context);
  /// All keys with the prefix. Errors also: limit_exceeded.
  Result<std::vector<Object>> list(const std::string& prefix, std::size_t most, const Context& context);
  /// Fills `into`; goes on at the byte where a connection broke. An object that is another now is
  /// unavailable.
  Result<void> read(const Object& object, std::uint64_t offset, std::span<char> into, const Context& context);
  /// Makes the object as one step, or replaces it; in parts where it is large, so that memory is bounded.
  /// `metadata` are the owner's words about it, of printable ASCII.
  Result<void> put(const std::string& key, std::string_view bytes, const Metadata& metadata,
                   const Context& context);
  Result<void> put_file(const std::string& key, const std::filesystem::path& from, const Metadata& metadata,
                        const Context& context);
  /// One that is not there is fine.
  Result<void> remove(const std::string& key, const Context& context);

  /// Where the requests go, for people.
  std::string endpoint();
  /// How far the store's clock was ahead at the last answer.
  std::optional<Milliseconds> clock_ahead();

 private:
  static constexpr std::string_view kMetadata = "x-amz-meta-";

  struct Call {
    std::string method = "GET";
    std::string key = {};  // empty: the bucket itself
    Query query = {};
    net::HttpHeaders headers = {};
    std::string_view body = {};  // outlives the call
    std::function<bool(std::string_view)> sink = {};
  };
  Result<net::HttpResponse> once(const Call& call, const Context& context);
  Result<net::HttpResponse> checked(const Call& call, const Context& context);
  Result<net::HttpResponse> tried(const Call& call, const Context& context);
  Error changed(const Object& object) const;
  Error refusal(const Call& call, const net::HttpResponse& response);
  bool take_region(const net::HttpResponse& response);
  /// The next bytes of an object, valid until it is called again; empty at the end.
  using NextPart = std::function<Result<std::string_view>()>;
  static net::HttpHeaders headers_of(const Metadata& metadata);
  Result<void> put_whole(const std::string& key, std::string_view bytes, const Metadata& metadata,
                         const Context& context);
  Result<void> put_parts(const std::string& key, const NextPart& next, const Metadata& metadata,
                         const Context& context);
  Result<void> send_parts(const std::string& key, const std::string& upload, const NextPart& next,
                          const Context& context);
  std::string region();
  std::string shown(const std::string& key) const { return "s3://" + bucket_ + "/" + key; }

  const std::string bucket_;
  const Credentials credentials_;
  const Options options_;
  net::HttpClient http_;
  std::mutex mutex_;
  std::string region_;                       // guarded by mutex_
  std::optional<Milliseconds> clock_ahead_;  // guarded by mutex_
};

/// Whether an error says that the bucket itself is not there, and not an object in it.
bool is_no_bucket(const Error& error);

}  // namespace waybill::s3
