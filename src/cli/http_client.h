#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace waybill::cli {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};  // absolute, http or https
  HttpHeaders headers = {};
  std::string body = {};
  std::filesystem::path upload = {};  // not empty: this file is the body, streamed
  Milliseconds timeout{30'000};       // for the whole exchange; 0: only that of a stalled transfer (60 s)
  /// Where the body of a success goes as it comes, in place of HttpResponse::body. False stops the transfer
  /// (ErrorCode::cancelled).
  std::function<bool(std::string_view)> sink = {};
  /// Bytes of the upload that are sent, of all.
  std::function<void(std::uint64_t sent, std::uint64_t total)> progress = {};
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // names in lower case
  std::string body;
  /// The first header of that name (lower case); empty where there is none.
  std::string_view header(std::string_view name) const;
};

/// Exchanges over one kept-alive connection at a time; follows no redirect, speaks http and https alone, and
/// no proxy towards this machine. Ends early on Ctrl-C where an InterruptGuard lives (ErrorCode::cancelled).
/// One thread.
class HttpClient {
 public:
  /// `ca_file`: PEM of the authorities to trust in place of the system's; may be empty.
  explicit HttpClient(std::filesystem::path ca_file = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Any HTTP status is a value. Errors: unavailable and timeout ("could not reach …", with what to do),
  /// cancelled, invalid_argument (the URL), io (the file to send).
  Result<HttpResponse> send(const HttpRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "http://host:port/path" → "host", without the brackets of IPv6; empty where it is no http or https URL.
std::string host_of(std::string_view url);
/// localhost, 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view host);

}  // namespace waybill::cli
