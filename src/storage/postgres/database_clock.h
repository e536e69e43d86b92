#pragma once

#include <atomic>
#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "storage/postgres/connection.h"

namespace waybill::storage::postgres {

/// The database's wall clock, told by the machine's with a difference that is measured again and again: nodes
/// whose clocks differ still agree on when a lease ends and a job is due. Its steady() is the machine's. Any
/// thread.
class DatabaseClock final : public Clock {
 public:
  /// `local` outlives it.
  explicit DatabaseClock(const Clock& local) : local_(local) {}
  Time now() const override { return local_.now() + Milliseconds(ahead_.load()); }
  std::chrono::nanoseconds steady() const override { return local_.steady(); }

  /// Asks the database what time it is. A difference that is within what the way there and back may have
  /// taken changes nothing.
  Result<void> measure(Connection& connection);

 private:
  const Clock& local_;
  std::atomic<std::int64_t> ahead_{0};  // milliseconds that the database's clock is ahead of the local one
};

}  // namespace waybill::storage::postgres
