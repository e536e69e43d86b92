#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "http/server.h"

namespace waybill::http::testing {

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// A client that sends bytes as they are and knows just enough of HTTP to read the answers. Every wait ends
/// after 20 seconds, so that a defect fails the test instead of hanging it.
class Client {
 public:
  explicit Client(std::uint16_t port);
  /// False where the connection is gone.
  bool send(std::string_view bytes);
  /// The next answer; nullopt where the connection ended first. `head`: an answer to HEAD has no body.
  std::optional<Answer> read(bool head = false);
  /// All until the server closes.
  std::string read_to_end();
  /// Waits for the server to close; false where it sends something instead.
  bool closed();
  void stop_sending();
  /// Closes with a reset.
  void reset();

 private:
  bool more();
  FileDescriptor socket_;
  std::string buffer_;
};

/// "GET /path HTTP/1.1" with Host and the given lines, each without its end.
std::string get(std::string_view path, const std::vector<std::string>& fields = {});
std::string post(std::string_view path, std::string_view body, const std::vector<std::string>& fields = {});

/// Options for a test: the kernel's port, errors whose body is the refusal's name.
ServerOptions options();
std::string name_of(Refusal refusal);

/// A server with its routes, started; stops when it goes.
class TestServer {
 public:
  explicit TestServer(std::vector<Route> routes, ServerOptions with = options());
  Server& operator*() { return server_; }
  Server* operator->() { return &server_; }
  Client client() { return Client(server_.port()); }
  /// One request on a connection of its own.
  Answer ask(const std::string& request, bool head = false);

 private:
  Server server_;
};

/// Answers 200 with what `make` gives.
Route route(std::string method, std::string path, std::function<std::string(const Request&)> make,
            Route::Runs runs = Route::Runs::loop);

/// A gate that a handler waits at until the test opens it.
class Gate {
 public:
  Gate();
  ~Gate();
  void open();
  /// Waits until it is open.
  void pass();
  /// Waits until `count` have come to it.
  void wait_for_arrivals(int count);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace waybill::http::testing
