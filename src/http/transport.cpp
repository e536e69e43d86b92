#include "http/transport.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>

namespace waybill::http {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kSmallBuffer = 4 * 1024;  // what an idle connection keeps
constexpr std::size_t kPiece = 1 << 20;         // progress of an answer is checked after so many bytes
constexpr std::chrono::seconds kLinger{2};      // after the last answer, for the client to close
constexpr std::uint64_t kLingerBytes = 16 << 20;

}  // namespace

Transport::Transport(asio::ip::tcp::socket socket, asio::ssl::context* tls)
    : socket_(std::move(socket)), timer_(socket_.get_executor()) {
  if (tls != nullptr) tls_.emplace(socket_, *tls);
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

asio::awaitable<bool> Transport::handshake(Duration timeout) {
  if (!tls_) co_return true;
  expire_after(timeout);
  error_code error;
  co_await tls_->async_handshake(asio::ssl::stream_base::server,
                                 asio::redirect_error(asio::use_awaitable, error));
  never_expire();
  co_return !error && !expired_ && !aborted_;
}

asio::awaitable<Transport::Read> Transport::fill(std::size_t capacity) {
  if (aborted_) co_return Read::ended;
  if (expired_) co_return Read::timed_out;
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size()) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    const std::size_t wanted = std::min(capacity, std::max(kSmallBuffer, buffer_.size() * 4));
    if (wanted > buffer_.size()) buffer_.resize(wanted);
    if (end_ == buffer_.size()) co_return Read::ended;
  }
  const auto room = asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  std::size_t count = 0;
  if (tls_) {
    count = co_await tls_->async_read_some(room, token);
  } else {
    count = co_await socket_.async_read_some(room, token);
  }
  end_ += count;
  if (count > 0) co_return Read::data;
  if (expired_ && !aborted_) co_return Read::timed_out;
  gone_->store(true);
  co_return Read::ended;
}

void Transport::shrink() {
  if (begin_ != end_ || buffer_.size() <= 4 * kSmallBuffer) return;
  begin_ = end_ = 0;
  buffer_ = std::vector<char>(kSmallBuffer);
}

asio::awaitable<bool> Transport::write(std::string_view head, std::string_view body, Duration timeout) {
  while (!head.empty() || !body.empty()) {
    if (aborted_) co_return false;
    const auto piece = body.substr(0, kPiece);
    const std::array buffers = {asio::const_buffer(head.data(), head.size()),
                                asio::const_buffer(piece.data(), piece.size())};
    expire_after(timeout);
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    std::size_t count = 0;
    if (tls_) {
      count = co_await asio::async_write(*tls_, buffers, token);
    } else {
      count = co_await asio::async_write(socket_, buffers, token);
    }
    sent_ += count;
    if (error) {
      gone_->store(true);
      aborted_ = true;
      co_return false;
    }
    head = {};
    body.remove_prefix(piece.size());
  }
  never_expire();
  co_return true;
}

void Transport::expire_after(Duration timeout) {
  expired_ = false;
  deadline_ = Clock::now() + timeout;
  // A timer that fires too early only looks again: so that most requests do not touch it.
  if (timer_runs_ && timer_.expiry() <= deadline_) return;
  timer_.expires_at(deadline_);
  wait_for_deadline();
}

void Transport::never_expire() {
  deadline_ = Clock::time_point::max();
}

void Transport::wait_for_deadline() {
  timer_runs_ = true;
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error) return;  // Replaced by another wait, or closed.
    self->timer_runs_ = false;
    if (self->deadline_ == Clock::time_point::max()) return;
    if (self->deadline_ <= Clock::now()) {
      self->never_expire();
      self->expired_ = true;
      self->cancel();
    } else {
      self->timer_.expires_at(self->deadline_);
      self->wait_for_deadline();
    }
  });
}

asio::awaitable<void> Transport::finish() {
  if (aborted_ || gone_->load()) co_return;
  expire_after(kLinger);
  error_code error;
  if (tls_) {
    co_await tls_->async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    if (expired_ || aborted_) co_return;
  }
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  if (buffer_.size() < kSmallBuffer) buffer_.resize(kSmallBuffer);
  for (std::uint64_t dropped = 0; !error && dropped < kLingerBytes && !expired_ && !aborted_;) {
    const std::size_t count = co_await socket_.async_read_some(
        asio::buffer(buffer_), asio::redirect_error(asio::use_awaitable, error));
    dropped += count;
  }
}

void Transport::abort() {
  aborted_ = true;
  cancel();
}

void Transport::close() {
  error_code ignored;
  timer_.cancel();
  socket_.close(ignored);
  gone_->store(true);
}

void Transport::cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void Transport::watch_peer() {
  if (peer_watched_ || gone_->load() || !buffered().empty()) return;
  peer_watched_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->peer_watched_ = false;
    if (error) return;
    char byte = 0;
    const auto count = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    const bool waits = count < 0 && (errno == EAGAIN || errno == EINTR);
    if (count <= 0 && !waits) self->gone_->store(true);
  });
}

}  // namespace waybill::http
