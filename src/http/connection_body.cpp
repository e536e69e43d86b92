#include <utility>

#include "http/connection.h"
#include "http/patience.h"
#include "http/upload.h"

// How a connection reads the bodies of its requests.
namespace waybill::http {

namespace {

constexpr std::size_t kReadAtOnce = 64 * 1024;  // of a body
constexpr std::size_t kFilePiece = 256 * 1024;  // of a body, to its file

}  // namespace

Connection::Awaitable<bool> Connection::skip_body() {
  std::string dropped;
  for (std::uint64_t total = 0; parser_.has_body() && total <= kSkippedBody; total += dropped.size()) {
    dropped.clear();
    const Body body = co_await read_piece(dropped);
    if (body == Body::complete) co_return true;
    if (body != Body::busy) co_return false;
  }
  co_return !parser_.has_body();
}

/// Reads what is there of the body, waiting for it where need be; busy: there is more to come.
Connection::Awaitable<Connection::Body> Connection::read_piece(std::string& out) {
  for (bool waited = false;;) {
    std::size_t used = 0;
    const auto outcome = parser_.body(transport_->buffered(), used, out);
    transport_->consume(used);
    body_bytes_ += used;
    if (outcome == RequestParser::Outcome::complete) co_return Body::complete;
    if (outcome == RequestParser::Outcome::bad) co_return Body::bad;
    if (waited) co_return Body::busy;
    const auto& options = shared_.options;
    const auto left = patience(options.body_timeout, options.min_body_rate, body_bytes_, body_waited_);
    if (left.count() == 0) co_return Body::timed_out;
    transport_->expire_after(left);
    const auto begin = std::chrono::steady_clock::now();
    const auto read = co_await transport_->fill(kReadAtOnce);
    body_waited_ += std::chrono::steady_clock::now() - begin;
    transport_->never_expire();
    if (read == Transport::Read::timed_out) co_return Body::timed_out;
    // A full buffer that the parser cannot use is a line of chunk framing without end.
    if (read == Transport::Read::ended) co_return transport_->buffered().empty() ? Body::closed : Body::bad;
    waited = true;
  }
}

Connection::Awaitable<Connection::Body> Connection::read_body(const Route& route) {
  Body body = Body::closed;
  bool wanted = true;
  if (expects_continue_ && transport_->buffered().empty()) {
    wanted = co_await transport_->write("HTTP/1.1 100 Continue\r\n\r\n", {}, shared_.options.body_timeout);
  }
  if (wanted && route.body == Route::Body::file) {
    body = co_await read_to_file(route.max_body);
  } else if (wanted) {
    body = co_await read_to_memory(route.max_body);
  }
  co_return body;
}

Connection::Awaitable<Connection::Body> Connection::read_to_memory(std::uint64_t limit) {
  for (;;) {
    const Body body = co_await read_piece(request_.body);
    if (request_.body.size() > limit) co_return Body::too_large;
    if (body == Body::busy) continue;
    request_.body_size = request_.body.size();
    co_return body;
  }
}

Connection::Awaitable<Connection::Body> Connection::read_to_file(std::uint64_t limit) {
  upload_ = std::make_shared<Upload>(Upload::new_path(shared_.options.upload_folder));
  Result<void> written;
  std::string piece;
  Body body = parser_.has_body() ? Body::busy : Body::complete;
  for (bool opened = false; !opened || body == Body::busy; opened = true) {
    piece.clear();
    while (body == Body::busy && piece.size() < kFilePiece) body = co_await read_piece(piece);
    if (body != Body::busy && body != Body::complete) break;
    request_.body_size += piece.size();
    if (request_.body_size > limit) {
      body = Body::too_large;
      break;
    }
    // One piece at a time: the client sends no faster than the disk takes it.
    const bool ran = co_await on_pool([&written, &piece, opened, last = body == Body::complete, this] {
      if (!opened) written = upload_->open();
      if (written.ok()) written = upload_->append(piece);
      if (last) upload_->close();
    });
    if (!ran) body = Body::busy;
    if (!ran || !written.ok()) break;
  }
  if (!written.ok()) {
    body = written.error().code == ErrorCode::no_space ? Body::busy : Body::not_stored;
  }
  if (body == Body::complete) {
    request_.body_file = upload_->path();
    co_return body;
  }
  // Removing a large file may take a while: not on the loop.
  shared_.pool.post([upload = std::move(upload_)]() mutable { upload.reset(); });
  upload_.reset();
  co_return body;
}

Connection::Awaitable<void> Connection::refuse_body(Body problem) {
  Refusal kind = Refusal::bad_request;
  if (problem == Body::closed) co_return;
  if (problem == Body::too_large) kind = Refusal::body_too_large;
  if (problem == Body::timed_out) kind = Refusal::request_timeout;
  if (problem == Body::not_stored) kind = Refusal::internal_error;
  if (problem == Body::busy) kind = Refusal::unavailable;
  co_await send(refusal(kind), false);
}

}  // namespace waybill::http
