#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace waybill::cli {

/// What a line of progress shows.
struct BarState {
  std::string operation = {};  // "Processing content items"
  std::int64_t processed = 0;
  std::optional<std::int64_t> total = {};
  double per_second = 0;                          // 0: not known yet
  std::optional<std::chrono::seconds> left = {};  // not known: none
};

/// One line of at most `width` columns, without a newline: operation, bar, percentage, processed/total, rate,
/// time left. What does not fit is left out, the least important first. Colours only where `colour`. Pure.
std::string render_bar(const BarState& state, unsigned width, bool colour);

/// The same as a line of plain text for logs and pipes. Pure.
std::string render_plain(const BarState& state);

/// Whole percent, rounded down, 100 only where all is processed (contract, section 2).
int percentage(std::int64_t processed, std::int64_t total);

/// "0:07", "12:34", "1:02:03".
std::string clock_time(std::chrono::seconds duration);

/// Items a second over the last few seconds, and what is left at that rate. One thread.
class RateMeter {
 public:
  /// `now` by a clock that never goes back.
  void add(std::chrono::nanoseconds now, std::int64_t processed);
  double per_second() const;
  std::optional<std::chrono::seconds> left(std::int64_t processed, std::optional<std::int64_t> total) const;

 private:
  struct Sample {
    std::chrono::nanoseconds at;
    std::int64_t processed;
  };
  std::deque<Sample> samples_;
};

}  // namespace waybill::cli
