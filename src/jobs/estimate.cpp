#include "jobs/estimate.h"

#include <algorithm>
#include <cmath>

namespace waybill::jobs {

namespace {

using Seconds = std::chrono::duration<double>;

// The rate forgets with this time constant, but never faster than the job's own age: early on it is the plain
// average.
constexpr Seconds kMemory{20.0};
// Before this much has been seen, a rate says nothing.
constexpr Seconds kEnough{0.25};
// What is beyond a year is no estimate.
constexpr double kLongest = 365.0 * 24 * 3600;

}  // namespace

void Estimator::observe(std::chrono::nanoseconds at, std::int64_t processed, std::int64_t total) {
  total_ = total;
  if (!first_at_) {
    first_at_ = last_at_ = at;
    first_processed_ = last_processed_ = processed;
    return;
  }
  const Seconds since_last = at - *last_at_;
  const Seconds age = at - *first_at_;
  if (since_last.count() <= 0 || processed == last_processed_) return;
  const double latest = static_cast<double>(processed - last_processed_) / since_last.count();
  const double weight = 1.0 - std::exp(-since_last.count() / std::min(kMemory, age).count());
  rate_ = last_at_ == first_at_ ? latest : rate_ + weight * (latest - rate_);
  last_at_ = at;
  last_processed_ = processed;
}

std::optional<double> Estimator::rate() const {
  if (!first_at_ || *last_at_ - *first_at_ < kEnough || rate_ <= 0) return std::nullopt;
  return rate_;
}

std::optional<Time> Estimator::completion(Time now, std::chrono::nanoseconds at) const {
  const auto known = rate();
  if (!known) return std::nullopt;
  const double left = static_cast<double>(std::max<std::int64_t>(0, total_ - last_processed_));
  // Counted from the last observation, so that the estimate stands still between two of them.
  const double seconds = std::min(left / *known, kLongest) - Seconds(at - *last_at_).count();
  return now + Milliseconds(static_cast<std::int64_t>(std::max(0.0, seconds) * 1000.0));
}

}  // namespace waybill::jobs
