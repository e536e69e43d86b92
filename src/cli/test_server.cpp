#include "cli/test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/text.h"

namespace waybill::cli {

namespace {

std::size_t content_length(const std::string& head) {
  const std::string lower = to_lower(head);
  const std::size_t at = lower.find("\r\ncontent-length:");
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 17, nullptr, 10);
}

}  // namespace

std::string test_answer(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + headers + "\r\n" + body;
}

TestServer::TestServer(std::function<std::string(const TestRequest&)> answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TestServer::~TestServer() {
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept()
  thread_.join();
  ::close(listener_);
}

std::vector<TestRequest> TestServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void TestServer::serve() {
  while (true) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    handle(connection);
    ::close(connection);
  }
}

void TestServer::handle(int connection) {
  std::string bytes;
  std::array<char, 4096> piece{};
  std::size_t head_end = std::string::npos;
  while (true) {
    head_end = bytes.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      if (bytes.size() >= head_end + 4 + content_length(bytes.substr(0, head_end))) break;
      if (to_lower(bytes.substr(0, head_end)).find("100-continue") != std::string::npos &&
          bytes.size() == head_end + 4) {
        constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
        static_cast<void>(::send(connection, kGoOn.data(), kGoOn.size(), MSG_NOSIGNAL));
      }
    }
    const ssize_t count = ::recv(connection, piece.data(), piece.size(), 0);
    if (count <= 0) return;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
  }
  TestRequest request;
  request.head = bytes.substr(0, head_end);
  request.body = bytes.substr(head_end + 4);
  const auto words = split(std::string_view(request.head).substr(0, request.head.find("\r\n")), ' ');
  request.method = std::string(words.at(0));
  request.target = std::string(words.at(1));
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  const std::string answer = answer_(request);
  std::size_t sent = 0;
  while (sent < answer.size()) {
    const ssize_t count = ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

}  // namespace waybill::cli
