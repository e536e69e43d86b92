#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace waybill::cli {

/// A page's bytes as UTF-8. What is UTF-8 already stays as it is, byte for byte. Otherwise the encoding that
/// the page declares (a UTF-16 byte order mark, <meta charset>, <meta … content="…charset=…">, an XML
/// declaration) is converted, and the declaration corrected. "ISO-8859-1" means windows-1252, as browsers
/// have it (WHATWG Encoding, 4.2). Errors: invalid_argument where it declares none that is known or is not in
/// it; the message begins with `file`.
struct PageText {
  std::string text;
  bool converted = false;
};
Result<PageText> decode_page(std::string bytes, std::string_view file);

/// The text of the first <h1>, white space collapsed; empty where there is none.
std::string first_heading(std::string_view html);

/// A name for a folder or an article (contract, section 3): '/' becomes '∕' (U+2215), white space is
/// collapsed, control characters are taken out, at most `max_characters` code points, a longer one ends with
/// "…".
std::string clean_name(std::string_view text, std::size_t max_characters = 255);

}  // namespace waybill::cli
