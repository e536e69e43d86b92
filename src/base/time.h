#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace waybill {

/// A moment in UTC, to the millisecond.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

/// RFC 3339, UTC, exactly milliseconds: "2024-03-01T10:00:00.000Z". Years 0000 to 9999.
std::string format_time(Time time);

/// Reads RFC 3339 (section 5.6) with any offset and 0 to 9 fraction digits, rounded down to milliseconds.
/// A date that does not exist, a leap second and anything around it are nullopt.
std::optional<Time> parse_time(std::string_view text);

/// The wall clock and a clock that never goes back, behind one interface so that tests can turn it. Any
/// thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The wall clock: for what people read and what they asked for. May jump.
  virtual Time now() const = 0;
  /// For durations: never goes back. The zero point has no meaning.
  virtual std::chrono::nanoseconds steady() const = 0;
};

/// The machine's clocks. Never null, lives as long as the program.
const Clock& system_clock();

/// A clock that stands still until it is told to move; any thread.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Time start);
  ~FakeClock() override;
  Time now() const override;
  std::chrono::nanoseconds steady() const override;
  /// Moves both clocks.
  void advance(Milliseconds by);
  /// Sets the wall clock alone, as an operator or NTP would.
  void set_wall(Time time);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace waybill
