#include "base/time.h"

#include <cstdint>
#include <cstdio>
#include <mutex>

namespace waybill {

namespace {

using namespace std::chrono;

class SystemClock final : public Clock {
 public:
  Time now() const override { return floor<milliseconds>(std::chrono::system_clock::now()); }
  nanoseconds steady() const override { return steady_clock::now().time_since_epoch(); }
};

/// Takes digits off the front of `text`; -1 where one is missing.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// ".123456789" → 123; nothing there → 0; nullopt where a digit is missing or there are more than nine.
std::optional<int> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return 0;
  int value = 0;
  std::size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) value = value * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  for (; digits < 3; ++digits) value *= 10;
  return value;
}

/// "Z", "+02:00", "-00:30" → minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const int hours = take_digits(text, 2);
  if (hours < 0 || hours > 23 || !take(text, ":")) return std::nullopt;
  const int mins = take_digits(text, 2);
  if (mins < 0 || mins > 59) return std::nullopt;
  return (west ? -1 : 1) * (hours * 60 + mins);
}

}  // namespace

std::string format_time(Time time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[40];
  const int length =
      std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return std::string(text, static_cast<std::size_t>(length));
}

std::optional<Time> parse_time(std::string_view text) {
  const int y = take_digits(text, 4);
  if (y < 0 || !take(text, "-")) return std::nullopt;
  const int mo = take_digits(text, 2);
  if (mo < 0 || !take(text, "-")) return std::nullopt;
  const int d = take_digits(text, 2);
  if (d < 0 || !take(text, "Tt")) return std::nullopt;
  const int h = take_digits(text, 2);
  if (h < 0 || h > 23 || !take(text, ":")) return std::nullopt;
  const int mi = take_digits(text, 2);
  if (mi < 0 || mi > 59 || !take(text, ":")) return std::nullopt;
  const int s = take_digits(text, 2);
  if (s < 0 || s > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (!date.ok()) return std::nullopt;
  return Time{sys_days{date}} + hours{h} + minutes{mi} + seconds{s} + milliseconds{*fraction} -
         minutes{*offset};
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

struct FakeClock::State {
  mutable std::mutex mutex;
  Time wall;
  nanoseconds steady{0};
};

FakeClock::FakeClock(Time start) : state_(std::make_unique<State>()) {
  state_->wall = start;
}
FakeClock::~FakeClock() = default;

Time FakeClock::now() const {
  const std::lock_guard lock(state_->mutex);
  return state_->wall;
}

nanoseconds FakeClock::steady() const {
  const std::lock_guard lock(state_->mutex);
  return state_->steady;
}

void FakeClock::advance(Milliseconds by) {
  const std::lock_guard lock(state_->mutex);
  state_->wall += by;
  state_->steady += by;
}

void FakeClock::set_wall(Time time) {
  const std::lock_guard lock(state_->mutex);
  state_->wall = time;
}

}  // namespace waybill
