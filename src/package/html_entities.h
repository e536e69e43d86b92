#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace waybill::package {

/// A character reference in HTML text: what it stands for, and how many bytes of it there are.
struct HtmlCharacters {
  std::size_t length = 0;  // of the reference with its '&'; 0: it is none, the '&' stands for itself
  std::string_view value() const { return {bytes.data(), size}; }  // UTF-8
  void put(std::uint32_t byte) { bytes[size++] = static_cast<char>(byte); }

  std::array<char, 7> bytes{};
  std::uint8_t size = 0;
};

/// The reference that begins with the '&' at text[0] (HTML Living Standard, 13.2.5.72 to 13.2.5.80): the
/// longest name that fits, with the exception for attributes; numbers with their replacements. Looks at some
/// 30 bytes, or at the digits of a number.
HtmlCharacters read_character_reference(std::string_view text, bool in_attribute);

}  // namespace waybill::package
