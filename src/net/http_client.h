#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/time.h"
#include "net/egress.h"

namespace waybill::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https, encoded; its path goes out as it stands
  HttpHeaders headers = {};
  std::string_view body = {};  // outlives the exchange
  /// Where the body of a success (2xx) goes as it comes. False ends the exchange (io).
  std::function<bool(std::string_view)> sink = {};
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // names in lower case
  std::string body;     // at most HttpClient::kMaxBody, unless a sink took it
  /// The first of that name, which is in lower case; empty where there is none.
  std::string_view header(std::string_view name) const;
  /// How far the peer's clock (Date: RFC 9110, 6.6.1) is ahead of ours, which says `now`; to the second.
  /// nullopt where it does not tell.
  std::optional<Milliseconds> clock_ahead(Time now) const;
};

struct HttpOptions {
  Egress egress;
  std::filesystem::path ca_file;  // authorities to trust in place of the system's; may be empty
  Milliseconds connect_timeout{30'000};
  Milliseconds stall_timeout{60'000};     // without a byte; in whole seconds
  Milliseconds request_timeout{600'000};  // of one exchange, in all
};

/// Requests that Waybill itself sends: over kept-alive connections, each to an address that Egress allows, by
/// no proxy, with the peer's certificate checked; follows no redirect. Any thread: an exchange at a time for
/// each.
class HttpClient {
 public:
  static constexpr std::size_t kMaxBody = 8U << 20;

  explicit HttpClient(HttpOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Any HTTP status is a value. Blocks. Errors: unavailable (unknown host, refused, broken off), timeout,
  /// permission_denied (address not allowed, certificate), limit_exceeded (body), cancelled, io (the sink).
  Result<HttpResponse> send(const HttpRequest& request, const Context& context);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace waybill::net
