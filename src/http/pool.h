#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace waybill::http {

/// Threads for work that may block, with a bounded queue. Any thread.
class Pool {
 public:
  Pool(int threads, std::size_t queue) : threads_wanted_(threads), capacity_(queue) {}
  ~Pool() { stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void start();
  /// False where the queue is full or the pool does not run. An exception of `work` ends with it.
  bool post(std::function<void()> work);
  /// Waits for what runs. What is still queued stays, unrun, until the pool goes.
  void stop();

 private:
  void run();

  const int threads_wanted_;
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool running_ = false;                     // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace waybill::http
