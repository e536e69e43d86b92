#include "http/pool.h"

#include <utility>

namespace waybill::http {

void Pool::start() {
  const std::lock_guard lock(mutex_);
  running_ = true;
  for (int i = 0; i < threads_wanted_; ++i) threads_.emplace_back([this] { run(); });
}

bool Pool::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (!running_ || queue_.size() >= capacity_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void Pool::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Pool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return !running_ || !queue_.empty(); });
    if (!running_) return;
    std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    try {
      work();
    } catch (...) {  // A defect of a handler must not end the server; its client gets 500.
    }
    work = nullptr;  // Frees what it holds outside of the lock.
    lock.lock();
  }
}

}  // namespace waybill::http
