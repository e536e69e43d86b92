#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace waybill::package {

/// A character reference in HTML text: what it stands for, and how many bytes of it there are.
struct HtmlCharacters {
  std::string value;       // UTF-8
  std::size_t length = 0;  // of the reference with its '&'; 0: it is none, the '&' stands for itself
};

/// The reference that begins with the '&' at text[0] (HTML Living Standard, 13.2.5.72 to 13.2.5.80): the
/// longest name that fits, with the exception for attributes; numbers with their replacements. Looks at some
/// 30 bytes, or at the digits of a number.
HtmlCharacters read_character_reference(std::string_view text, bool in_attribute);

}  // namespace waybill::package
