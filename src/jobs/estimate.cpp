#include "jobs/estimate.h"

#include <algorithm>
#include <cmath>

namespace waybill::jobs {

namespace {

using Seconds = std::chrono::duration<double>;
/// Shorter steps are gathered: their rate would be noise.
constexpr std::chrono::nanoseconds kShortestStep = std::chrono::milliseconds(1);
/// The smoothing remembers at least so long, and later a third of the time gone: it settles.
constexpr double kShortestMemory = 2.0;
constexpr double kMemoryShare = 1.0 / 3.0;
/// Farther away than this nothing is known worth telling.
constexpr double kLongest = 30.0 * 24 * 3600;

}  // namespace

void Estimator::observe(std::chrono::nanoseconds at, std::int64_t processed, std::int64_t total) {
  total_ = total;
  if (!first_at_) {
    first_at_ = last_at_ = at;
    first_processed_ = last_processed_ = processed;
    return;
  }
  const std::int64_t done = processed - last_processed_;
  if (done <= 0 || at - *last_at_ < kShortestStep) return;
  const double step = Seconds(at - *last_at_).count();
  const double gone = Seconds(at - *first_at_).count();
  const double now_rate = static_cast<double>(done) / step;
  // The first steps weigh as their share of the time gone: a plain average until there is a memory to fill.
  const double memory = std::max(kShortestMemory, gone * kMemoryShare);
  const double weight = std::max(1 - std::exp(-step / memory), gone < memory ? step / gone : 0.0);
  rate_ = rate_ > 0 ? rate_ + weight * (now_rate - rate_) : now_rate;
  last_at_ = at;
  last_processed_ = processed;
}

std::optional<Time> Estimator::completion(Time now, std::chrono::nanoseconds at) const {
  if (rate_ <= 0) return std::nullopt;
  const double left = static_cast<double>(std::max<std::int64_t>(total_ - last_processed_, 0)) / rate_;
  const double since = Seconds(at - *last_at_).count();
  const double ahead = std::clamp(left - since, 0.0, kLongest);
  return now + std::chrono::duration_cast<Milliseconds>(Seconds(ahead));
}

std::optional<double> Estimator::rate() const {
  return rate_ > 0 ? std::optional(rate_) : std::nullopt;
}

}  // namespace waybill::jobs
