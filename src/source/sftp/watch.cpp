#include "source/sftp/watch.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace waybill::source {

namespace {

constexpr Milliseconds kLook{10};

/// How long the socket has received nothing.
std::optional<Milliseconds> silence(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return Milliseconds(info.tcpi_last_data_recv);
}

}  // namespace

Watch::~Watch() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watch::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (guards_.empty()) {
      changed_.wait(lock, [&] { return stop_ || !guards_.empty(); });
    } else {
      for (Guard* guard : guards_) guard->look();
      changed_.wait_for(lock, kLook, [&] { return stop_; });
    }
  }
}

Watch::Guard::Guard(Watch& watch, int socket, const Context& context, Milliseconds stall, Milliseconds grace)
    : watch_(watch),
      socket_(socket),
      context_(context),
      stall_(stall),
      grace_(grace),
      began_(std::chrono::steady_clock::now()) {
  const std::scoped_lock lock(watch_.mutex_);
  place_ = watch_.guards_.insert(watch_.guards_.end(), this);
  if (!watch_.thread_.joinable()) watch_.thread_ = std::thread([&owner = watch_] { owner.run(); });
  if (watch_.guards_.size() == 1) watch_.changed_.notify_all();
}

Watch::Guard::~Guard() {
  const std::scoped_lock lock(watch_.mutex_);
  watch_.guards_.erase(place_);
}

void Watch::Guard::look() {
  if (cut_.load(std::memory_order_relaxed) != Cut::no) return;
  Cut why = Cut::no;
  const auto now = std::chrono::steady_clock::now();
  if (context_.cancelled()) {
    if (!cancelled_) cancelled_ = now;
    if (now - *cancelled_ >= grace_) why = Cut::cancelled;
  } else if (context_.expired()) {
    why = Cut::expired;
  } else {
    const auto waited = std::chrono::duration_cast<Milliseconds>(now - began_);
    if (waited >= stall_ && silence(socket_).value_or(waited) >= stall_) why = Cut::stalled;
  }
  if (why == Cut::no) return;
  cut_.store(why, std::memory_order_release);
  (void)::shutdown(socket_, SHUT_RDWR);
}

}  // namespace waybill::source
