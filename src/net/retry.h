#pragma once

#include "base/cancel.h"
#include "base/result.h"
#include "base/time.h"

namespace waybill::net {

/// Tries of one thing over a network that may fail for a while: bounded, with exponential back-off and full
/// jitter, so that many who failed together do not come back together. One thread at a time.
class Retry {
 public:
  struct Limits {
    int attempts = 6;  // without progress between them
    Milliseconds first_delay{200};
    Milliseconds most_delay{10'000};
  };
  explicit Retry(Limits limits) : limits_(limits) {}

  /// Something came through: the count starts again.
  void progressed() { failures_ = 0; }

  /// After a failed attempt. ok: waited, try again. Otherwise what to give up with: `failure` where it is
  /// neither unavailable nor a timeout, or the attempts are used up; or what the context says.
  Result<void> wait(Error failure, const Context& context);

 private:
  Limits limits_;
  int failures_ = 0;
};

}  // namespace waybill::net
