#include "cli/columns.h"

#include <array>
#include <cstdint>

namespace waybill::cli {

namespace {

struct Range {
  char32_t first, last;
};

constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},   Range{0xA960, 0xA97F},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1FAFF},
    Range{0x20000, 0x3FFFD},
};
constexpr std::array kCombining = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x064B, 0x065F},
    Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F},
};

template <std::size_t N>
bool lies_in(const std::array<Range, N>& ranges, char32_t letter) {
  for (const Range& range : ranges) {
    if (letter >= range.first && letter <= range.last) return true;
  }
  return false;
}

struct Letter {
  std::size_t bytes = 1, columns = 1;
};

/// The first character of a text that is not empty.
Letter first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x20 || lead == 0x7F) return {1, 0};
  const std::size_t bytes = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
  if (bytes <= 1 || bytes > text.size()) return {1, 1};
  char32_t letter = lead & (0x7FU >> bytes);
  for (std::size_t at = 1; at < bytes; ++at) {
    const auto next = static_cast<unsigned char>(text[at]);
    if ((next & 0xC0U) != 0x80U) return {1, 1};
    letter = (letter << 6U) | (next & 0x3FU);
  }
  if (letter >= 0x80 && letter < 0xA0) return {bytes, 0};
  return {bytes, lies_in(kCombining, letter) ? 0U : lies_in(kWide, letter) ? 2U : 1U};
}

bool is_control(std::string_view letter) {
  const auto lead = static_cast<unsigned char>(letter.front());
  return lead < 0x20 || lead == 0x7F ||
         (lead == 0xC2 && letter.size() == 2 && static_cast<unsigned char>(letter[1]) < 0xA0);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Letter letter = first_of(text);
    columns += letter.columns;
    text.remove_prefix(letter.bytes);
  }
  return columns;
}

std::string cut_to_columns(std::string_view text, std::size_t columns) {
  const bool fits = columns_of(text) <= columns;
  const std::size_t room = fits ? columns : columns > 0 ? columns - 1 : 0;
  std::string cut;
  for (std::size_t used = 0; !text.empty();) {
    const Letter letter = first_of(text);
    if (used + letter.columns > room) break;
    used += letter.columns;
    if (!is_control(text.substr(0, letter.bytes))) cut += text.substr(0, letter.bytes);
    text.remove_prefix(letter.bytes);
  }
  if (!fits && columns > 0) cut += "…";
  return cut;
}

std::string padded_to_columns(std::string_view text, std::size_t columns) {
  std::string padded = cut_to_columns(text, columns);
  padded.append(columns - columns_of(padded), ' ');
  return padded;
}

}  // namespace waybill::cli
