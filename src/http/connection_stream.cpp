#include <array>
#include <charconv>

#include "http/body_stream.h"
#include "http/connection.h"
#include "http/response_head.h"

// How a connection sends an answer whose body is made meanwhile.
namespace waybill::http {

namespace {

/// "1f\r\n": the size of a chunk (RFC 9112, 7.1).
std::string chunk_head(std::size_t size) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string(digits.data(), end) + "\r\n";
}

}  // namespace

Connection::Awaitable<bool> Connection::send_stream(const Response& response, bool keep_alive) {
  const std::shared_ptr<BodyStream> stream = response.stream;
  const bool chunked = parser_.takes_chunks();
  out_.clear();
  append_response_head(out_, response, std::nullopt, head_.request_id, keep_alive, chunked);
  streaming_ = stream.get();
  stream->attach([mailbox = loop_.mailbox(), weak = weak_from_this()] {
    mailbox->post([weak] {
      if (const auto self = weak.lock()) self->wake_.cancel();
    });
  });
  bool goes_on = co_await transport_->write(out_, {}, shared_.options.body_timeout);
  if (head_.method == "HEAD") {
    streaming_ = nullptr;
    stream->detach();
    co_return goes_on;
  }
  bool whole = false;
  while (goes_on && !whole) {
    BodyStream::Piece piece = stream->take();
    if (!piece.bytes.empty()) {
      if (chunked) piece.bytes += "\r\n";
      out_ = chunked ? chunk_head(piece.bytes.size() - 2) : std::string();
      goes_on = co_await transport_->write(out_, piece.bytes, shared_.options.body_timeout);
      if (goes_on) stream->sent();
      continue;
    }
    if (piece.state == BodyStream::State::failed) goes_on = false;
    whole = piece.state == BodyStream::State::closed || (draining_ && stream->endless());
    if (aborted_) goes_on = false;
    if (goes_on && !whole) co_await sleep();
  }
  streaming_ = nullptr;
  stream->detach();
  if (!goes_on) {
    transport_->abort();  // only the connection's end tells the client that the body is not whole
    co_return false;
  }
  if (chunked) goes_on = co_await transport_->write("0\r\n\r\n", {}, shared_.options.body_timeout);
  co_return goes_on;
}

}  // namespace waybill::http
