#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/time.h"

namespace waybill {

/// Cancellation and deadline of one piece of work, as one explicit argument. A copy shares the request to
/// stop, so it can be handed to every thread that works on the same thing. Any thread.
class Context {
 public:
  /// Never ends by itself.
  Context() : stop_(std::make_shared<Stop>()) {}
  explicit Context(const Clock& clock) : Context() { clock_ = &clock; }

  /// The same work with an earlier end; shares the request to stop.
  Context with_timeout(Milliseconds timeout) const;
  /// A part of the same work: stopped with the whole, and by itself without it.
  Context part() const;

  void cancel() const { stop_->requested.store(true, std::memory_order_release); }
  bool cancelled() const;
  bool expired() const { return deadline_ && clock_->steady() >= *deadline_; }
  const Clock& clock() const { return *clock_; }

  /// ok, or ErrorCode::cancelled, or ErrorCode::timeout. Call it between steps that take more than a
  /// millisecond.
  Result<void> check() const;

 private:
  struct Stop {
    std::atomic<bool> requested{false};
    std::shared_ptr<const Stop> whole = {};  // that this is a part of
  };
  // Shared: the canceller and all who work hold the same flag, and none outlives the others by rule.
  std::shared_ptr<Stop> stop_;
  const Clock* clock_ = &system_clock();
  std::optional<std::chrono::nanoseconds> deadline_;
};

}  // namespace waybill
