#include "base/cancel.h"

namespace waybill {

Context Context::with_timeout(Milliseconds timeout) const {
  Context inner = *this;
  const auto end = clock_->steady() + timeout;
  if (!inner.deadline_ || end < *inner.deadline_) inner.deadline_ = end;
  return inner;
}

Context Context::part() const {
  Context inner = *this;
  inner.stop_ = std::make_shared<Stop>();
  inner.stop_->whole = stop_;
  return inner;
}

bool Context::cancelled() const {
  for (const Stop* stop = stop_.get(); stop != nullptr; stop = stop->whole.get()) {
    if (stop->requested.load(std::memory_order_acquire)) return true;
  }
  return false;
}

Result<void> Context::check() const {
  if (cancelled()) return Error{ErrorCode::cancelled, "The work was asked to stop."};
  if (expired()) return Error{ErrorCode::timeout, "The time for this step is over."};
  return {};
}

}  // namespace waybill
