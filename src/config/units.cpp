#include "config/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace waybill::config {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Smallest first; the first is also what digits alone mean.
constexpr std::array kDurations = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"min", 60'000}, Unit{"h", 3'600'000},
                                   Unit{"d", 86'400'000}};
constexpr std::array kSizes = {Unit{"B", 1}, Unit{"KiB", 1ULL << 10}, Unit{"MiB", 1ULL << 20},
                               Unit{"GiB", 1ULL << 30}, Unit{"TiB", 1ULL << 40}};

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  for (const Unit& unit : units) {
    if (text != unit.name && !(text.empty() && unit.factor == 1)) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

std::string format(std::uint64_t number, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (number != 0 && number % unit.factor == 0) best = &unit;
  }
  return std::to_string(number / best->factor) + std::string(best->name);
}

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
  const auto number = parse(text, kDurations);
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!number || *number > kLargest) return std::nullopt;
  return Milliseconds(static_cast<std::int64_t>(*number));
}

std::string format_duration(Milliseconds duration) {
  return format(static_cast<std::uint64_t>(duration.count()), kDurations);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, kSizes);
}

std::string format_size(std::uint64_t bytes) {
  return format(bytes, kSizes);
}

}  // namespace waybill::config
