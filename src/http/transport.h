#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace waybill::http {

/// The bytes of one connection, plain or TLS: an input buffer, output, one deadline for whatever is being
/// waited for, and an end that lets the last answer arrive. On its loop alone.
class Transport : public std::enable_shared_from_this<Transport> {
 public:
  using Duration = std::chrono::steady_clock::duration;
  enum class Read { data, ended, timed_out };

  /// `tls` null: plain.
  Transport(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// The TLS handshake; true at once where there is no TLS.
  boost::asio::awaitable<bool> handshake(Duration timeout);

  /// What has come and is not used up.
  std::string_view buffered() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t count) { begin_ += count; }
  /// Waits for more bytes until the deadline; there may then be up to `capacity` in the buffer. `ended`: the
  /// client closed its side, the connection broke, abort(), or the buffer is full.
  boost::asio::awaitable<Read> fill(std::size_t capacity);
  /// Gives memory back that only a large request needed; where nothing is buffered.
  void shrink();

  /// Sends all of both, in one go where they are small. False where the connection broke or no progress was
  /// made for `timeout`.
  boost::asio::awaitable<bool> write(std::string_view head, std::string_view body, Duration timeout);

  /// What waits longer than that is given up: reads give timed_out.
  void expire_after(Duration timeout);
  void never_expire();

  /// Closes: says so to the client, then reads what it still sends for a bounded time, so that the answer is
  /// not lost with a reset (RFC 9112, 9.6).
  boost::asio::awaitable<void> finish();
  /// Ends whatever waits, now and from now on.
  void abort();
  /// Closes the socket and the deadline.
  void close();

  /// Starts to notice that the client goes away while nothing is read.
  void watch_peer();
  const std::shared_ptr<std::atomic<bool>>& gone() const { return gone_; }

  std::uint64_t sent() const { return sent_; }
  bool secure() const { return tls_.has_value(); }

 private:
  void wait_for_deadline();
  void cancel();

  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  bool timer_runs_ = false;
  bool expired_ = false;
  bool aborted_ = false;
  bool peer_watched_ = false;

  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t sent_ = 0;
  // Shared: asked by handlers on other threads, which may outlive the connection.
  std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace waybill::http
