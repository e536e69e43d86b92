#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/time.h"
#include "cli/console.h"
#include "cli/progress_bar.h"

namespace waybill::cli {

/// Progress as people see it: on a terminal one line redrawn in place, at most ten times a second; elsewhere
/// a line at each change of operation, at each tenth, and every five seconds. Nothing where `quiet`. Ends
/// cleanly: the live line is taken away. One thread.
class ProgressView {
 public:
  ProgressView(const Console& console, bool quiet, const Clock& clock = system_clock());
  ~ProgressView() { finish(); }
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  void show(const std::string& operation, std::int64_t processed, std::optional<std::int64_t> total);
  /// A line for people that stays, above the live one.
  void say(const std::string& line);
  void finish();

 private:
  void draw(const BarState& state);
  void print(const BarState& state);

  const Console& console_;
  const bool quiet_;
  const Clock& clock_;
  RateMeter meter_;
  std::string measured_;  // the operation that meter_ is about
  bool drawn_ = false;
  std::optional<std::chrono::nanoseconds> last_;
  std::string last_operation_;
  int last_tenth_ = -1;
};

}  // namespace waybill::cli
