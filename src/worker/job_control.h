#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/cancel.h"

namespace waybill::worker {

enum class StopReason : std::uint8_t { none, cancel, stop_time, shutdown, lost };

/// The wish to stop one running job, with who asked and why, and the one place where its writer waits for
/// anything but work. Shared by the run, the scheduler that may stop it, and the indexer that answers it. Any
/// thread.
class JobControl : public std::enable_shared_from_this<JobControl> {
 public:
  explicit JobControl(Context context) : context_(std::move(context)) {}
  JobControl(const JobControl&) = delete;
  JobControl& operator=(const JobControl&) = delete;

  /// The first reason stays; only a lost lease overrules another.
  void stop(StopReason reason, std::string by = {});
  StopReason reason() const;
  std::string asked_by() const;  // client id, where it is known
  const Context& context() const { return context_; }

  /// Waits until `ready()`, a stop, or `at_most` of real time. `ready` is called under a lock: it reads an
  /// atomic. Whoever makes it true calls notify().
  void wait(const std::function<bool()>& ready, std::optional<std::chrono::nanoseconds> at_most);
  void notify();
  /// For those who notify and may outlive the job. Made by make_shared alone.
  std::weak_ptr<JobControl> weak() { return weak_from_this(); }

 private:
  Context context_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  StopReason reason_ = StopReason::none;
  std::string by_;
};

}  // namespace waybill::worker
