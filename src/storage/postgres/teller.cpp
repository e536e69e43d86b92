#include "storage/postgres/teller.h"

#include <exception>
#include <iterator>
#include <utility>

namespace waybill::storage::postgres {

Teller::Teller(Send send) : send_(std::move(send)), thread_([this] { run(); }) {}

Teller::~Teller() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Teller::tell(std::vector<std::string> notices) {
  if (notices.empty()) return;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = waiting_.empty();
    std::move(notices.begin(), notices.end(), std::back_inserter(waiting_));
  }
  // Those behind the first go with it, and need not wake the thread again.
  if (first) changed_.notify_one();
}

void Teller::run() {
  std::unique_lock lock(mutex_);
  for (std::chrono::steady_clock::time_point next;; next = std::chrono::steady_clock::now() + kBetween) {
    changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    changed_.wait_until(lock, next, [this] { return stop_; });
    const auto notices = std::exchange(waiting_, {});
    lock.unlock();
    try {
      send_(notices);
    } catch (const std::exception&) {
      // No memory, say. One that is lost is found by polling.
    }
    lock.lock();
  }
}

}  // namespace waybill::storage::postgres
