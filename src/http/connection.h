#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "http/loop.h"
#include "http/parser.h"
#include "http/pool.h"
#include "http/router.h"
#include "http/server.h"
#include "http/transport.h"

namespace waybill::http {

/// What all connections of a server use. Set before the first, and not changed but for the atomics.
struct Shared {
  explicit Shared(ServerOptions its_options)
      : options(std::move(its_options)), pool(options.pool_threads, options.pool_queue) {}

  ServerOptions options;
  Router router;
  Pool pool;
  std::optional<boost::asio::ssl::context> tls;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> open{0};  // connections
  std::mutex mutex;
  std::condition_variable closed;  // with mutex: `open` fell while stopping
};

class Upload;

/// One connection: reads requests one after the other, hands them on, and writes the answers in that order.
/// On its loop alone.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, Loop& loop, boost::asio::ip::tcp::socket socket, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves until the connection ends. `overloaded`: answers 503 and closes.
  void start(bool overloaded);
  /// Closes as soon as no request is under way.
  void drain();
  /// Closes now.
  void abort();
  /// The answer to request number `serial` of this connection; nullopt: nobody will answer.
  void take_answer(std::uint64_t serial, std::optional<Response> response);

 private:
  template <typename T>
  using Awaitable = boost::asio::awaitable<T>;
  enum class Head { complete, refused, closed };
  enum class Body { complete, bad, too_large, timed_out, not_stored, busy, closed };

  static constexpr std::uint64_t kSkippedBody = 64 * 1024;  // larger, and the connection ends instead

  Awaitable<void> run(bool overloaded);
  Awaitable<Head> read_head();
  /// True where the connection goes on.
  Awaitable<bool> serve_one();
  /// An answer that is given from the head alone, or nullopt to go on.
  std::optional<Response> answer_to_head(Router::Match& match);
  Awaitable<bool> answer_without_body(Response response);
  Awaitable<Body> read_body(const Route& route);
  Awaitable<Body> read_to_memory(std::uint64_t limit);
  Awaitable<Body> read_to_file(std::uint64_t limit);
  Awaitable<Body> read_piece(std::string& out);
  Awaitable<bool> skip_body();
  Awaitable<Response> handle(const Route& route);
  bool dispatch(const Route& route, std::shared_ptr<Upload> upload);

  Awaitable<bool> send(Response response, bool keep_alive);
  Awaitable<bool> send_file(const Response& response, bool keep_alive);
  Awaitable<bool> send_stream(const Response& response, bool keep_alive);
  /// Runs `work` on the pool and waits for it; false where the pool is full.
  Awaitable<bool> on_pool(std::function<void()> work);
  /// Sleeps until something calls wake_.cancel().
  Awaitable<void> sleep();
  Response refusal(Refusal kind, const std::string& allow = {});
  /// Refuses what the body turned out to be; the connection then ends.
  Awaitable<void> refuse_body(Body problem);
  void begin_request();

  Shared& shared_;
  Loop& loop_;
  std::shared_ptr<Transport> transport_;  // shared: with its timer's wait
  RequestParser parser_;
  boost::asio::steady_timer wake_;
  std::string peer_;

  Request request_;                 // until it is handed on
  Request head_;                    // its copy without the body, for errors and the log
  std::shared_ptr<Upload> upload_;  // shared: with the Responder, since the file lives as long as its copies
  bool head_is_known_ = false;
  bool expects_continue_ = false;
  std::uint64_t body_bytes_ = 0;             // of this request, as they came
  std::chrono::nanoseconds body_waited_{0};  // for the client; not for the disk
  std::string out_;                          // the answer's head
  BodyStream* streaming_ = nullptr;          // whose body is being sent

  std::uint64_t serial_ = 0;
  bool answered_ = false;
  std::optional<Response> answer_;
  bool idle_ = false;      // between requests, or closing
  bool draining_ = false;  // no request after this one
  bool aborted_ = false;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace waybill::http
