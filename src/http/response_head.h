#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace waybill::http {

/// "Not Found" for 404.
std::string_view reason_phrase(int status);

/// Whether an answer of that status may have a body (RFC 9110, 6.4.1).
bool may_have_body(int status);

/// Appends status line and fields up to the empty line. `length` is the body's, also where it is not sent
/// (HEAD); nullopt writes none (204, 304, and where it is not known). `chunked`: the body comes in chunks.
/// Fields that are http's own, and what could end a line early, are not taken from `response`.
void append_response_head(std::string& out, const Response& response, std::optional<std::uint64_t> length,
                          std::string_view request_id, bool keep_alive, bool chunked = false);

}  // namespace waybill::http
