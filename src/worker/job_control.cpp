#include "worker/job_control.h"

namespace waybill::worker {

void JobControl::stop(StopReason reason, std::string by) {
  const std::lock_guard lock(mutex_);
  if (reason_ == StopReason::none || reason == StopReason::lost) {
    reason_ = reason;
    by_ = std::move(by);
  }
  context_.cancel();
  changed_.notify_all();
}

StopReason JobControl::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

std::string JobControl::asked_by() const {
  const std::lock_guard lock(mutex_);
  return by_;
}

void JobControl::wait(const std::function<bool()>& ready, std::optional<std::chrono::nanoseconds> at_most) {
  std::unique_lock lock(mutex_);
  const auto over = [&] { return context_.cancelled() || ready(); };
  if (at_most) {
    changed_.wait_for(lock, *at_most, over);
  } else {
    changed_.wait(lock, over);
  }
}

void JobControl::notify() {
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

}  // namespace waybill::worker
