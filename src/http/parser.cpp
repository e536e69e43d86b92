#include "http/parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "base/byte_blocks.h"
#include "base/text.h"
#include "http/uri.h"

namespace waybill::http {

namespace {

namespace beast = boost::beast;
using beast::error_code;
using TheirView = beast::string_view;

std::string_view ours(TheirView text) {
  return {text.data(), text.size()};
}

constexpr std::size_t kLeastLastChunk = 5;  // "0\r\n\r\n"

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Beast's parser, writing into a Request and noting what it would let pass.
class BeastParser final : public beast::http::basic_parser<true> {
 public:
  explicit BeastParser(std::uint32_t max_head_bytes) {
    header_limit(max_head_bytes);
    body_limit(boost::none);  // the connection counts
  }

  Request* request = nullptr;
  std::string* out = nullptr;
  bool expects_continue = false;

  bool takes_chunks() const { return version_ >= 11; }

  /// Whether the fields agree with each other.
  bool fields_are_sound() const {
    if (!sound_ || hosts_ > 1 || lengths_ > 1 || codings_ > 1) return false;
    if (lengths_ > 0 && codings_ > 0) return false;
    // HTTP/1.0 knows no transfer codings (RFC 9112, 6.1).
    return version_ == 10 ? codings_ == 0 : hosts_ == 1;
  }

 private:
  void on_request_impl(beast::http::verb, TheirView method, TheirView target, int version,
                       error_code&) override {
    request->method.assign(method.data(), method.size());
    request->target.assign(target.data(), target.size());
    version_ = version;
  }

  void on_field_impl(beast::http::field known, TheirView name, TheirView value, error_code&) override {
    if (in_body_) return;  // a trailer
    using beast::http::field;
    if (known == field::host) {
      ++hosts_;
      sound_ = sound_ && is_valid_host(ours(value));
    } else if (known == field::content_length) {
      ++lengths_;
      sound_ = sound_ && is_digits(ours(value));
    } else if (known == field::transfer_encoding) {
      ++codings_;
      sound_ = sound_ && iequals(ours(value), "chunked");
    } else if (known == field::expect) {
      // HTTP/1.0 does not know it (RFC 9110, 10.1.1).
      expects_continue = version_ == 11 && iequals(ours(value), "100-continue");
    }
    request->headers.add(ours(name), std::string(value));
  }

  void on_header_impl(error_code&) override { in_body_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(TheirView bytes, error_code&) override {
    out->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, TheirView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, TheirView bytes, error_code&) override {
    out->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, TheirView, int, error_code&) override {}

  int version_ = 11;
  int hosts_ = 0;
  int lengths_ = 0;
  int codings_ = 0;
  bool sound_ = true;
  bool in_body_ = false;
};

/// Finds the end of a head as bytes come, and refuses at once what no head may hold.
class HeadScan {
 public:
  void start() { *this = HeadScan(); }
  /// The length of the head with its empty line, 0 where it is not all there. Sets `bad`.
  std::size_t scan(std::string_view text, bool& bad) {
    for (; at_ < text.size(); ++at_) {
      if (before_ != '\r' && before_ != '\n') skip_plain(text);
      if (at_ == text.size()) break;
      const char c = text[at_];
      if (!follows(c)) {
        bad = true;
        return 0;
      }
      if (c == '\n' && line_is_empty_) return at_ + 1;
      if (c == '\n') line_is_empty_ = true;
      if (c != '\n' && c != '\r') line_is_empty_ = false;
      before_ = c;
    }
    return 0;
  }

 private:
  /// Inside a line: to the next byte that a line does not hold.
  void skip_plain(std::string_view text) {
    const std::size_t next = find_byte(text, at_, [](ByteBlock block) {
      return ((block >= 0) & (block < 0x20) & (block != '\t')) | (block == 0x7F);
    });
    if (next == at_) return;
    at_ = next;
    before_ = 'x';
    line_is_empty_ = false;
  }

  bool follows(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    if ((before_ == '\r') != (c == '\n')) return false;            // CR and LF only together
    if (before_ == '\n' && (c == ' ' || c == '\t')) return false;  // a folded field
    return c == '\r' || c == '\n' || c == '\t' || (byte >= 0x20 && byte != 0x7F);
  }

  std::size_t at_ = 0;
  char before_ = 'x';
  bool line_is_empty_ = false;  // nothing since the last line's end
};

}  // namespace

struct RequestParser::State {
  explicit State(std::uint32_t max) : max_head_bytes(max) {}
  const std::uint32_t max_head_bytes;
  HeadScan scan;
  bool any_line = false;
  std::optional<BeastParser> parser;
};

RequestParser::RequestParser(std::uint32_t max_head_bytes) : state_(std::make_unique<State>(max_head_bytes)) {
  start();
}

RequestParser::~RequestParser() = default;

void RequestParser::start() {
  state_->scan.start();
  state_->any_line = false;
  state_->parser.emplace(state_->max_head_bytes);
}

RequestParser::Outcome RequestParser::head(std::string_view buffered, Request& request, std::size_t& used) {
  used = 0;
  if (!state_->any_line) {
    // An empty line before a request is skipped (RFC 9112, 2.2).
    while (buffered.substr(used, 2) == "\r\n") used += 2;
    buffered.remove_prefix(used);
    if (buffered.empty() || buffered == "\r") return Outcome::more;
    state_->any_line = true;
  }
  bool bad = false;
  const std::size_t length = state_->scan.scan(buffered.substr(0, state_->max_head_bytes), bad);
  if (bad) return Outcome::bad;
  if (length == 0) return buffered.size() >= state_->max_head_bytes ? Outcome::too_large : Outcome::more;
  BeastParser& parser = *state_->parser;
  parser.request = &request;
  parser.eager(false);
  error_code error;
  const char* at = buffered.data();
  std::size_t left = length;
  while (!error && !parser.is_header_done()) {
    const std::size_t n = parser.put(boost::asio::const_buffer(at, left), error);
    at += n;
    left -= n;
  }
  used += length;
  if (error || left != 0 || !parser.fields_are_sound() || !parse_target(request)) return Outcome::bad;
  return Outcome::complete;
}

bool RequestParser::takes_chunks() const {
  return state_->parser->takes_chunks();
}

bool RequestParser::keep_alive() const {
  return state_->parser->keep_alive();
}

bool RequestParser::expects_continue() const {
  return state_->parser->expects_continue && has_body();
}

bool RequestParser::has_body() const {
  return !state_->parser->is_done();
}

std::optional<std::uint64_t> RequestParser::content_length() const {
  const auto length = state_->parser->content_length();
  if (!length) return std::nullopt;
  return *length;
}

RequestParser::Outcome RequestParser::body(std::string_view buffered, std::size_t& used, std::string& out) {
  used = 0;
  BeastParser& parser = *state_->parser;
  if (parser.is_done()) return Outcome::complete;
  if (buffered.empty()) return Outcome::more;
  // Beast 1.81 asserts that a last chunk which it has begun to read has five bytes by the next call; where no
  // chunk came before it, it may have three ("0\r\n", and then one byte more). Without those five no last
  // chunk ends.
  if (parser.chunked() && buffered.front() == '0' && buffered.size() < kLeastLastChunk) return Outcome::more;
  parser.out = &out;
  parser.eager(true);
  error_code error;
  used = parser.put(boost::asio::const_buffer(buffered.data(), buffered.size()), error);
  if (error && error != beast::http::error::need_more) return Outcome::bad;
  return parser.is_done() ? Outcome::complete : Outcome::more;
}

}  // namespace waybill::http
