#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace waybill::http {

/// One method and path. A path's segments are fixed or "{name}", which matches one segment that is not empty.
struct Route {
  enum class Body { memory, file };
  /// loop: on the event loop, must not block, for what is in memory. pool: on the pool for disk, database,
  /// hashing.
  enum class Runs { loop, pool };

  std::string method;
  std::string path;  // "/knowledge/contentmgr/v4/import/content/{job_id}/status"
  Handler handler;
  Runs runs = Runs::pool;
  Body body = Body::memory;
  std::uint64_t max_body = 64 * 1024;  // larger: 413 before it is read further
  /// Called with the head alone before the body is read; an answer here ends the request (401 before an
  /// upload).
  std::function<std::optional<Response>(const Request&)> before_body;
};

/// What the HTTP layer itself has to refuse; `make_error` gives it the project's shape.
enum class Refusal {
  bad_request,
  not_found,
  method_not_allowed,
  request_timeout,
  body_too_large,
  head_too_large,
  too_many_requests,
  internal_error,
  unavailable
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: the kernel chooses
  int loops = 2;              // event loops, one thread each
  int pool_threads = 4;
  std::size_t pool_queue = 4096;  // more waiting: 503 with Retry-After
  std::size_t max_connections = 20'000;
  std::chrono::milliseconds head_timeout{10'000};  // from the first byte, or the accept, to the whole head
  std::chrono::milliseconds body_timeout{30'000};  // without progress
  /// Bytes a second of a body: whoever has been waited for longer than body_timeout and the time that what
  /// has come may take at this rate is answered 408. 0: only body_timeout counts.
  std::uint64_t min_body_rate = 1024;
  std::chrono::milliseconds idle_timeout{75'000};  // keep-alive between requests
  std::uint32_t max_head_bytes = 32 * 1024;
  std::filesystem::path certificate;  // PEM; empty: no TLS
  std::filesystem::path private_key;
  std::filesystem::path upload_folder;  // for Route::Body::file
  /// Gives an error its body. `allow` is set for method_not_allowed ("GET, POST"), and is also sent as Allow.
  std::function<Response(Refusal, const Request*, const std::string& allow)> make_error;
  /// After each answer, for the log and the metrics: status, bytes sent, time taken. The request has its head
  /// alone. On an event loop; must not block.
  std::function<void(const Request&, int, std::uint64_t, std::chrono::nanoseconds)> on_answer;
};

/// An HTTP/1.1 server (RFC 9110, 9112), with TLS where a certificate is given. Routes are added before
/// start().
class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void add(Route route);
  /// Listens and serves on threads of its own. Errors: unavailable (the port is taken; says which),
  /// permission_denied, invalid_argument (address, certificate).
  Result<void> start();
  std::uint16_t port() const;
  /// No new connections; requests under way may finish within `grace`; then closes, and waits for the
  /// handlers that still run. Any thread but the server's own, more than once.
  void stop(std::chrono::milliseconds grace);

  /// Runs `work` on the pool; false where its queue is full, or it does not run (before start(), after
  /// stop()). What is still queued at stop() does not run.
  bool post(std::function<void()> work);
  /// Runs `work` on an event loop after `delay`; it must not block. Dropped where the server does not run.
  void after(std::chrono::milliseconds delay, std::function<void()> work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace waybill::http
