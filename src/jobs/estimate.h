#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace waybill::jobs {

/// When a job will be done, from how it has gone so far: never in the past, settles, does not jump about. One
/// thread.
class Estimator {
 public:
  /// `processed` items of `total` at the steady moment `at`. Moments do not go back.
  void observe(std::chrono::nanoseconds at, std::int64_t processed, std::int64_t total);
  /// nullopt until a rate is known. `now` is the wall clock at the steady moment `at`.
  std::optional<Time> completion(Time now, std::chrono::nanoseconds at) const;
  /// Items a second, smoothed.
  std::optional<double> rate() const;

 private:
  std::optional<std::chrono::nanoseconds> first_at_, last_at_;
  std::int64_t first_processed_ = 0, last_processed_ = 0, total_ = 0;
  double rate_ = 0;  // exponentially smoothed, items a second
};

}  // namespace waybill::jobs
