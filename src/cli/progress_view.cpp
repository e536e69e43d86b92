#include "cli/progress_view.h"

#include <ostream>

namespace waybill::cli {

namespace {

constexpr std::chrono::milliseconds kDrawEvery{100};
constexpr std::chrono::seconds kPrintEvery{5};

}  // namespace

ProgressView::ProgressView(const Console& console, bool quiet, const Clock& clock)
    : console_(console), quiet_(quiet), clock_(clock) {}

void ProgressView::show(const std::string& operation, std::int64_t processed,
                        std::optional<std::int64_t> total) {
  if (quiet_ || operation.empty()) return;
  if (operation != measured_) meter_ = RateMeter();  // another operation counts other things
  measured_ = operation;
  meter_.add(clock_.steady(), processed);
  const BarState state{.operation = operation,
                       .processed = processed,
                       .total = total,
                       .per_second = meter_.per_second(),
                       .left = meter_.left(processed, total)};
  if (console_.terminal) {
    draw(state);
  } else {
    print(state);
  }
}

void ProgressView::draw(const BarState& state) {
  const auto now = clock_.steady();
  if (last_ && now - *last_ < kDrawEvery && state.operation == last_operation_) return;
  console_.err << '\r' << render_bar(state, console_.width(), console_.colour) << "\x1b[K" << std::flush;
  drawn_ = true;
  last_ = now;
  last_operation_ = state.operation;
}

void ProgressView::print(const BarState& state) {
  const auto now = clock_.steady();
  const int tenth = state.total ? percentage(state.processed, *state.total) / 10 : -1;
  const bool moved = state.operation != last_operation_ || tenth != last_tenth_;
  if (last_ && !moved && now - *last_ < kPrintEvery) return;
  console_.err << render_plain(state) << std::endl;
  last_ = now;
  last_operation_ = state.operation;
  last_tenth_ = tenth;
}

void ProgressView::say(const std::string& line) {
  if (quiet_) return;
  finish();
  console_.err << line << std::endl;
}

void ProgressView::finish() {
  if (!drawn_) return;
  console_.err << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace waybill::cli
