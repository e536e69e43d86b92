#include <algorithm>
#include <string>

#include "http/parser.h"
#include "http/uri.h"
#include "targets.h"

namespace waybill::fuzz {

namespace {

using Outcome = http::RequestParser::Outcome;

/// False where the connection would be closed.
bool one_request(http::RequestParser& parser, std::string& buffered, std::string_view& coming,
                 std::size_t piece) {
  http::Request request;
  std::string body;
  bool in_body = false;
  parser.start();
  for (;;) {
    std::size_t used = 0;
    const auto outcome = in_body ? parser.body(buffered, used, body) : parser.head(buffered, request, used);
    if (used > buffered.size()) std::abort();
    buffered.erase(0, used);
    if (outcome == Outcome::bad || outcome == Outcome::too_large) return false;
    if (outcome == Outcome::complete) {
      if (in_body || !parser.has_body()) return http::parse_target(request) && parser.keep_alive();
      in_body = true;
      continue;
    }
    if (coming.empty()) return false;
    buffered += coming.substr(0, piece);
    coming.remove_prefix(std::min(piece, coming.size()));
  }
}

}  // namespace

void http(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto piece = std::max<std::size_t>(1, static_cast<unsigned char>(bytes.front()));
  bytes.remove_prefix(1);
  http::RequestParser parser(8'192);
  std::string buffered;
  while (one_request(parser, buffered, bytes, piece)) {
  }
}

}  // namespace waybill::fuzz
