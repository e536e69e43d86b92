#include "http/testing.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "base/text.h"

namespace waybill::http::testing {

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{20, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    socket_.reset();
  }
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool Client::more() {
  char piece[65536];
  const auto count = ::recv(socket_.get(), piece, sizeof piece, 0);
  if (count <= 0) return false;
  buffer_.append(piece, static_cast<std::size_t>(count));
  return true;
}

std::optional<Answer> Client::read(bool head) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return std::nullopt;
  }
  Answer answer;
  const std::string text = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  if (!text.starts_with("HTTP/1.1 ")) return std::nullopt;
  answer.status = std::stoi(text.substr(9, 3));
  for (const auto line : split(text, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    answer.headers[to_lower(line.substr(0, colon))] = trim(line.substr(colon + 1));
  }
  const std::string length = answer.header("content-length");
  const std::size_t wanted = length.empty() || head ? 0 : std::stoull(length);
  while (buffer_.size() < wanted) {
    if (!more()) return std::nullopt;
  }
  answer.body = buffer_.substr(0, wanted);
  buffer_.erase(0, wanted);
  return answer;
}

std::string Client::read_to_end() {
  while (more()) {
  }
  return std::move(buffer_);
}

bool Client::closed() {
  return buffer_.empty() && !more();
}

void Client::stop_sending() {
  ::shutdown(socket_.get(), SHUT_WR);
}

void Client::reset() {
  const linger hard{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  socket_.reset();
}

namespace {

std::string request(std::string_view method, std::string_view path, const std::vector<std::string>& fields) {
  std::string text = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n";
  for (const auto& field : fields) text += field + "\r\n";
  return text;
}

}  // namespace

std::string get(std::string_view path, const std::vector<std::string>& fields) {
  return request("GET", path, fields) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, const std::vector<std::string>& fields) {
  return request("POST", path, fields) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string name_of(Refusal refusal) {
  static const char* const kNames[] = {"bad_request",       "not_found",      "method_not_allowed",
                                       "request_timeout",   "body_too_large", "head_too_large",
                                       "too_many_requests", "internal_error", "unavailable"};
  return kNames[static_cast<std::size_t>(refusal)];
}

ServerOptions options() {
  ServerOptions with;
  with.port = 0;
  with.make_error = [](Refusal refusal, const Request*, const std::string&) {
    static constexpr int kStatus[] = {400, 404, 405, 408, 413, 431, 429, 500, 503};
    Response response;
    response.status = kStatus[static_cast<std::size_t>(refusal)];
    response.body = name_of(refusal);
    return response;
  };
  return with;
}

TestServer::TestServer(std::vector<Route> routes, ServerOptions with) : server_(std::move(with)) {
  for (auto& each : routes) server_.add(std::move(each));
  const auto started = server_.start();
  EXPECT_TRUE(started.ok()) << started.error().message;
}

Answer TestServer::ask(const std::string& text, bool head) {
  Client one = client();
  one.send(text);
  return one.read(head).value_or(Answer());
}

Route route(std::string method, std::string path, std::function<std::string(const Request&)> make,
            Route::Runs runs) {
  Route made;
  made.method = std::move(method);
  made.path = std::move(path);
  made.runs = runs;
  made.handler = [make = std::move(make)](const Request& request, const Responder& responder) {
    Response response;
    response.body = make(request);
    responder.send(std::move(response));
  };
  return made;
}

struct Gate::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_open = false;
  int arrived = 0;
};

Gate::Gate() : state_(std::make_unique<State>()) {}
Gate::~Gate() = default;

void Gate::open() {
  const std::lock_guard lock(state_->mutex);
  state_->is_open = true;
  state_->changed.notify_all();
}

void Gate::pass() {
  std::unique_lock lock(state_->mutex);
  ++state_->arrived;
  state_->changed.notify_all();
  state_->changed.wait(lock, [this] { return state_->is_open; });
}

void Gate::wait_for_arrivals(int count) {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return state_->arrived >= count; });
}

}  // namespace waybill::http::testing
