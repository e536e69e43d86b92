#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "base/cancel.h"

namespace waybill::source {

/// Ends calls that block on a socket, as libssh's do, when the work is cancelled, its time is over, or the
/// peer says nothing: the socket is then shut down, and the call returns with a broken connection. One thread
/// of its own from the first Guard on, for all calls. Any thread.
class Watch {
 public:
  enum class Cut : std::uint8_t { no, cancelled, expired, stalled };

  Watch() = default;
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Watches over `socket` (not owned; open as long as this lives) while it is there. `grace`: for so long
  /// after a cancel the call may end by itself.
  class Guard {
   public:
    Guard(Watch& watch, int socket, const Context& context, Milliseconds stall, Milliseconds grace);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    /// Why the socket was shut down, where it was.
    Cut cut() const { return cut_.load(std::memory_order_acquire); }

   private:
    friend class Watch;
    void look();

    Watch& watch_;
    const int socket_;
    const Context context_;
    const Milliseconds stall_;
    const Milliseconds grace_;
    const std::chrono::steady_clock::time_point began_;
    std::optional<std::chrono::steady_clock::time_point> cancelled_;  // seen then
    std::atomic<Cut> cut_{Cut::no};
    std::list<Guard*>::iterator place_;
  };

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Guard*> guards_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace waybill::source
