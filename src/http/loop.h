#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>

namespace waybill::http {

class Connection;

/// The way onto a loop from any thread; stays when the loop is gone, and then drops what it is given.
class Mailbox {
 public:
  /// Runs `work` on the loop; false where the loop has ended.
  bool post(std::function<void()> work);
  /// Whether the caller is on the loop.
  bool here() const { return std::this_thread::get_id() == thread_.load(std::memory_order_relaxed); }

 private:
  friend class Loop;
  std::mutex mutex_;
  boost::asio::io_context* io_ = nullptr;  // guarded by mutex_; null after the loop ended
  std::atomic<std::thread::id> thread_{};
};

/// An event loop and its thread.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void start();
  /// Ends the thread; what waits on the loop is destroyed with the Loop.
  void stop();

  boost::asio::io_context& io() { return io_; }
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  /// Those that live on this loop; on its thread alone.
  std::unordered_set<Connection*>& connections() { return connections_; }

 private:
  // Shared: by answers that are still to come and may come after the loop has ended.
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::unordered_set<Connection*> connections_;
  std::thread thread_;
  // Last, so that it goes first: with it go the connections that still wait for something.
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
};

}  // namespace waybill::http
