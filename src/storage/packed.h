#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace waybill::storage {

/// Compressed (raw DEFLATE, RFC 1951), fast rather than small. Any thread.
std::string pack(std::string_view text);
/// `bytes` as it was packed. Errors: corrupt.
Result<std::string> unpack(std::string_view packed, std::uint64_t bytes);

}  // namespace waybill::storage
