#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace waybill::http {

/// A body that is sent while it is made: events that come later, or more rows than memory should hold. Held
/// by who makes it and by the connection that sends it; neither has a thread for it. What is not sent yet is
/// bounded: the maker stops where write() says so, and goes on when it is told. Any thread.
class BodyStream {
 public:
  /// More than that waits to be sent: the maker should stop.
  static constexpr std::size_t kFull = 128 * 1024;

  enum class Room { open, full, gone };

  /// `endless`: has no end of its own, and is ended when the server stops.
  explicit BodyStream(bool endless = false) : endless_(endless) {}
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;

  /// Adds bytes; never waits. `full`: it took them, and on_ready() tells when there is room again. `gone`:
  /// nobody reads any longer.
  Room write(std::string_view bytes);
  Room room() const;
  /// The body is whole.
  void close();
  /// The body cannot be finished: the connection breaks, so that the client knows.
  void fail();
  /// `ready` is called, from any thread and without locks held, each time that there is room again after
  /// `full`, and when the reader has gone. It must not block. Set before the answer is sent.
  void on_ready(std::function<void()> ready);

  // For the connection.

  enum class State { open, closed, failed };
  struct Piece {
    std::string bytes;
    State state = State::open;
  };
  /// `wake` is called when there is something new to take.
  void attach(std::function<void()> wake);
  /// All that waits.
  Piece take();
  /// What was taken is sent: there is room.
  void sent();
  /// Nobody reads any longer.
  void detach();
  bool endless() const { return endless_; }

 private:
  void wake_reader(std::unique_lock<std::mutex>& lock);
  void tell_maker(std::unique_lock<std::mutex>& lock);

  const bool endless_;
  mutable std::mutex mutex_;
  std::string waiting_;
  bool was_full_ = false;
  bool gone_ = false;
  State state_ = State::open;
  std::function<void()> wake_, ready_;
};

}  // namespace waybill::http
