#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace waybill::http {

/// Reads requests (RFC 9112) out of the bytes of one connection, one after the other. Stricter than it must
/// be where proxies and servers have disagreed before (request smuggling): no bare CR or LF, no folded
/// fields, no Content-Length beside Transfer-Encoding or twice, no transfer coding but a single "chunked".
/// One thread at a time.
class RequestParser {
 public:
  enum class Outcome { more, complete, bad, too_large };

  explicit RequestParser(std::uint32_t max_head_bytes);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Before each request.
  void start();

  /// Reads the head: method, target, path, query and headers of `request`. `buffered` is all that has come
  /// and is not used up; `used` says how much of it now is. `more` wants the call again with more bytes.
  Outcome head(std::string_view buffered, Request& request, std::size_t& used);

  // After head() was complete:
  bool keep_alive() const;
  /// Whether the client knows chunked bodies: HTTP/1.0 does not (RFC 9112, 6.1).
  bool takes_chunks() const;
  bool expects_continue() const;
  bool has_body() const;
  std::optional<std::uint64_t> content_length() const;

  /// Reads on in the body and appends what it finds to `out`. Trailer fields are checked and dropped.
  Outcome body(std::string_view buffered, std::size_t& used, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace waybill::http
