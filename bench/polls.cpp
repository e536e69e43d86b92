// Asks for one page at a steady rate over several connections, and prints the 99th percentile of the answers
// in milliseconds. An answer's time counts from the moment its question was due, so that a server that stands
// still is not asked less (the coordinated omission of closed loops).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "packed.h"

namespace waybill::bench {

namespace {

constexpr double kPercentile = 0.99;
constexpr double kMilliseconds = 1000;

/// A connection on which one request is under way at a time.
class Connection {
 public:
  /// Asks first at `due`, and then every `interval` seconds.
  Connection(int port, double due, double interval)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), due_(due), interval_(interval) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      give_up("cannot connect");
  }

  int socket() const { return socket_; }
  bool waiting() const { return waiting_; }
  double due() const { return due_; }

  void ask(const std::string& request) {
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      give_up("cannot send");
    waiting_ = true;
  }

  /// Takes what has come. Where the answer is whole: the seconds since it was due.
  double read() {
    char piece[16384];
    const ssize_t size = ::recv(socket_, piece, sizeof piece, 0);
    if (size <= 0) give_up("the server closed the connection");
    answer_.append(piece, static_cast<std::size_t>(size));
    if (!whole()) return -1;
    if (answer_.compare(9, 3, "200") != 0) give_up("refused: " + answer_);
    answer_.clear();
    waiting_ = false;
    const double took = seconds() - due_;
    due_ += interval_;
    return took;
  }

 private:
  bool whole() const {
    constexpr std::string_view kLength = "content-length:";
    const auto end = answer_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    std::string head = answer_.substr(0, end);
    std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto length = head.find(kLength);
    if (length == std::string::npos) give_up("an answer without a length");
    return answer_.size() >= end + 4 + std::strtoul(head.c_str() + length + kLength.size(), nullptr, 10);
  }

  int socket_;
  double due_;
  double interval_;
  bool waiting_ = false;
  std::string answer_;
};

/// Waits until something has come, or until `until`.
void wait(std::vector<pollfd>& sockets, double until) {
  const double left = std::max(until - seconds(), 0.0);
  const timespec time{static_cast<time_t>(left), static_cast<long>((left - std::floor(left)) * 1e9)};
  if (::ppoll(sockets.data(), sockets.size(), &time, nullptr) < 0) give_up("cannot wait");
}

double percentile(std::vector<double>& times) {
  const auto place = static_cast<std::size_t>(kPercentile * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(place), times.end());
  return times[place];
}

double poll_steadily(int port, const std::string& request, double rate, int connections, double duration) {
  const double start = seconds();
  std::vector<Connection> asking;
  std::vector<pollfd> sockets;
  for (int i = 0; i < connections; ++i) {
    asking.emplace_back(port, start + i / rate, connections / rate);
    sockets.push_back({asking.back().socket(), POLLIN, 0});
  }
  std::vector<double> times;
  while (seconds() < start + duration) {
    double next = start + duration;
    for (Connection& one : asking) {
      if (one.waiting()) continue;
      if (one.due() <= seconds()) {
        one.ask(request);
      } else {
        next = std::min(next, one.due());
      }
    }
    wait(sockets, next);
    for (std::size_t i = 0; i < asking.size(); ++i) {
      if (sockets[i].revents == 0) continue;
      if (const double took = asking[i].read(); took >= 0) times.push_back(took);
    }
  }
  for (const Connection& one : asking) ::close(one.socket());
  if (times.empty()) give_up("no answer came");
  return percentile(times) * kMilliseconds;
}

}  // namespace

}  // namespace waybill::bench

int main(int argc, char** argv) {
  if (argc != 7) waybill::bench::give_up("usage: PORT PATH TOKEN RATE CONNECTIONS SECONDS");
  const std::string request = std::string("GET ") + argv[2] +
                              " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + argv[3] + "\r\n\r\n";
  std::printf("%.6f\n", waybill::bench::poll_steadily(std::atoi(argv[1]), request, std::atof(argv[4]),
                                                      std::atoi(argv[5]), std::atof(argv[6])));
  return 0;
}
