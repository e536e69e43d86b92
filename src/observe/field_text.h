#pragma once

#include <string>
#include <string_view>

#include "observe/log.h"

namespace waybill::observe {

/// Appends ` name=value`; text that is empty or holds a space, a quote or "=" is put in quotes. Controls are
/// escaped and bytes that are not UTF-8 become U+FFFD.
void append_as_text(std::string& line, const Field& field);
/// Appends `,"name":value` (RFC 8259).
void append_as_json(std::string& line, const Field& field);
/// Appends a JSON string with its quotes.
void append_json_string(std::string& line, std::string_view text);

}  // namespace waybill::observe
