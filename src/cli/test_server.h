#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace waybill::cli {

/// A request as the test's server got it: the head as written, and the body.
struct TestRequest {
  std::string method, target, head, body;
  bool has(const std::string& text) const { return head.find(text) != std::string::npos; }
};

/// The whole answer: status line, headers, empty line, body.
std::string test_answer(const std::string& status, const std::string& headers, const std::string& body);

/// A server on loopback, at a port that the kernel chose: one request a connection, answered by `answer` on
/// the server's thread. Stops when it goes.
class TestServer {
 public:
  explicit TestServer(std::function<std::string(const TestRequest&)> answer);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<TestRequest> requests() const;

 private:
  void serve();
  void handle(int connection);

  std::function<std::string(const TestRequest&)> answer_;
  int listener_ = -1;
  unsigned short port_ = 0;
  mutable std::mutex mutex_;
  std::vector<TestRequest> requests_;
  std::thread thread_;
};

}  // namespace waybill::cli
