#include "cli/progress_bar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/console.h"

namespace waybill::cli {

namespace {

constexpr std::size_t kWidestBar = 40;
constexpr std::size_t kNarrowestBar = 8;
constexpr std::chrono::seconds kRateWindow{10};
constexpr std::chrono::milliseconds kShortestMeasure{400};
constexpr std::array<std::string_view, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

/// `columns` columns: full blocks, one of eighths, spaces.
std::string blocks(std::int64_t processed, std::int64_t total, std::size_t columns) {
  const double part =
      total <= 0 ? 1.0 : std::clamp(static_cast<double>(processed) / static_cast<double>(total), 0.0, 1.0);
  const auto eighths = static_cast<std::size_t>(part * static_cast<double>(columns) * 8.0);
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths.at(eighths % 8);
  const std::size_t used = eighths / 8 + (eighths % 8 != 0 ? 1 : 0);
  return text.append(columns - used, ' ');
}

std::string rate_text(double per_second) {
  if (per_second <= 0) return {};
  std::array<char, 32> text{};
  if (per_second < 9.95) {
    std::snprintf(text.data(), text.size(), "%.1f/s", per_second);
    return text.data();
  }
  return with_commas(std::llround(per_second)) + "/s";
}

std::string right_aligned(const std::string& text, std::size_t columns) {
  const std::size_t length = utf8_length(text);
  return length < columns ? std::string(columns - length, ' ') + text : text;
}

/// At most `columns` code points, the last one "…" where something is cut off.
std::string shortened(std::string_view text, std::size_t columns) {
  if (utf8_length(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::string kept;
  std::size_t count = 0;
  for (const char c : text) {
    const bool starts = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (starts && ++count == columns) break;
    kept += c;
  }
  return kept + "…";
}

/// The parts right of the bar, most important first.
std::vector<std::string> figures(const BarState& state) {
  std::vector<std::string> parts;
  if (state.total) {
    parts.push_back(right_aligned(std::to_string(percentage(state.processed, *state.total)) + " %", 5));
    const std::string total = with_commas(*state.total);
    parts.push_back(right_aligned(with_commas(state.processed), total.size()) + "/" + total);
  } else if (state.processed > 0) {
    parts.push_back(with_commas(state.processed));
  }
  if (state.left) parts.push_back(clock_time(*state.left) + " left");
  if (const std::string rate = rate_text(state.per_second); !rate.empty()) parts.push_back(rate);
  return parts;
}

}  // namespace

int percentage(std::int64_t processed, std::int64_t total) {
  if (total <= 0 || processed >= total) return 100;
  return static_cast<int>(std::floor(static_cast<double>(processed) * 100.0 / static_cast<double>(total)));
}

std::string clock_time(std::chrono::seconds duration) {
  const std::int64_t all = std::max<std::int64_t>(duration.count(), 0);
  std::array<char, 48> text{};
  if (all >= 3600) {
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", static_cast<long long>(all / 3600),
                  static_cast<long long>(all / 60 % 60), static_cast<long long>(all % 60));
  } else {
    std::snprintf(text.data(), text.size(), "%lld:%02lld", static_cast<long long>(all / 60),
                  static_cast<long long>(all % 60));
  }
  return text.data();
}

std::string render_bar(const BarState& state, unsigned width, bool colour) {
  // Some terminals wrap when the last column is written.
  const std::size_t columns = width > 1 ? width - 1 : width;
  std::string right;
  std::size_t used = 0;
  for (const std::string& part : figures(state)) {
    const std::size_t length = utf8_length(part) + (used == 0 ? 0 : 2);
    if (used + length > columns) break;
    right += (used == 0 ? "" : "  ") + part;
    used += length;
  }
  std::size_t free = columns - used;
  std::string bar;
  if (state.total && free >= kNarrowestBar + 4) {
    const std::size_t wanted = utf8_length(state.operation) + 2;
    const std::size_t room = free > wanted + 4 ? free - wanted - 4 : 0;
    const std::size_t bar_columns = std::clamp(room, kNarrowestBar, kWidestBar);
    // "▕", "▏", two spaces to the figures.
    bar = "▕" + paint(blocks(state.processed, *state.total, bar_columns), Paint::cyan, colour) + "▏  ";
    free -= bar_columns + 4;
  } else if (used != 0 && free >= 2) {
    bar = "  ";
    free -= 2;
  }
  if (free < 4) return bar + right;
  const std::string operation = shortened(state.operation, state.total ? free - 2 : free);
  if (operation.empty()) return bar + right;
  return paint(operation, Paint::bold, colour) + (state.total ? "  " : "") + bar + right;
}

std::string render_plain(const BarState& state) {
  std::string line = state.operation;
  if (state.total) {
    line += ": " + with_commas(state.processed) + " of " + with_commas(*state.total) + " (" +
            std::to_string(percentage(state.processed, *state.total)) + " %)";
  }
  if (const std::string rate = rate_text(state.per_second); !rate.empty()) line += ", " + rate;
  if (state.left) line += ", " + clock_time(*state.left) + " left";
  return line;
}

void RateMeter::add(std::chrono::nanoseconds now, std::int64_t processed) {
  samples_.push_back({now, processed});
  while (samples_.size() > 2 && now - samples_.front().at > kRateWindow) samples_.pop_front();
}

double RateMeter::per_second() const {
  if (samples_.size() < 2) return 0;
  const auto span = samples_.back().at - samples_.front().at;
  if (span < kShortestMeasure) return 0;
  const auto done = static_cast<double>(samples_.back().processed - samples_.front().processed);
  return done / std::chrono::duration<double>(span).count();
}

std::optional<std::chrono::seconds> RateMeter::left(std::int64_t processed,
                                                    std::optional<std::int64_t> total) const {
  const double rate = per_second();
  if (!total || rate <= 0 || processed >= *total) return std::nullopt;
  return std::chrono::seconds(std::llround(std::ceil(static_cast<double>(*total - processed) / rate)));
}

}  // namespace waybill::cli
