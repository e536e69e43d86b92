#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill::http {

/// Header fields in order; names compare without case (RFC 9110, 5.1). Copies share them until one is
/// changed.
class Headers {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  void set(std::string_view name, std::string value);  // replaces
  void add(std::string_view name, std::string value);
  /// The first field of that name; nullopt where there is none.
  std::optional<std::string_view> get(std::string_view name) const;
  const Fields& all() const;

 private:
  /// Those of this copy alone.
  Fields& own();

  // Shared: a request's head goes to its handler and stays with its connection, for errors and the log.
  std::shared_ptr<Fields> fields_;  // null: none
};

struct QueryParameter {
  std::string name;   // decoded
  std::string value;  // decoded, '+' is a space
};

/// A request whose head and body have come. Owned by its handler.
struct Request {
  std::string method;  // "GET"
  std::string target;  // as sent
  std::string path;    // repeated slashes as one, not decoded
  std::vector<QueryParameter> query;
  std::vector<std::string> path_values;  // decoded values of the route's {…}, in order
  Headers headers;
  std::string body;                 // Route::Body::memory
  std::filesystem::path body_file;  // Route::Body::file: a temporary file; the handler moves or leaves it
  std::uint64_t body_size = 0;
  std::string peer;        // "127.0.0.1:53512"
  std::string request_id;  // from X-Request-Id, or made
  bool secure = false;     // came over TLS
};

/// A part of a file to be sent.
struct FileBody {
  std::filesystem::path path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

class BodyStream;

struct Response {
  int status = 200;
  Headers headers;  // Content-Length, Date, Server, X-Request-Id and Connection are http's
  std::string body;
  // Shared: a status snapshot's bytes are sent to many pollers at once. Used in place of `body` where set.
  std::shared_ptr<const std::string> shared_body;
  std::optional<FileBody> file;
  // Shared with who makes the body (body_stream.h). Used in place of the others where set.
  std::shared_ptr<BodyStream> stream;
};

/// Answers one request, exactly once, from any thread; a second answer is dropped. Copies answer the same
/// request. If all copies go without an answer, the client gets 500.
class Responder {
 public:
  using Send = std::function<void(Response)>;

  /// Where answers go; the server's own, or a test's.
  class Target {
   public:
    virtual ~Target() = default;
    virtual bool gone() const { return false; }

   private:
    friend class Responder;
    virtual void deliver(Response response) = 0;
    std::atomic<bool> answered_{false};

   protected:
    /// For the destructor of what derives: true where no answer was, and none may come from now on.
    bool abandon() { return !answered_.exchange(true); }
  };

  explicit Responder(Send send);
  explicit Responder(std::shared_ptr<Target> target) : target_(std::move(target)) {}
  void send(Response response) const;
  /// True once the client has closed its side or the connection broke, as far as is known: whoever waits for
  /// something on its behalf may give up. An answer is still due; it may reach a client that only stopped
  /// sending.
  bool gone() const { return target_ == nullptr || target_->gone(); }

 private:
  std::shared_ptr<Target> target_;  // shared: by the copies that one request's work may hold
};

using Handler = std::function<void(Request, Responder)>;

}  // namespace waybill::http
