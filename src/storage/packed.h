#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "knowledge/model.h"

namespace waybill::storage {

/// Packs fast rather than small. Any thread.
knowledge::Packed pack(std::string_view text);
/// The `size` bytes that were packed; without a size, `packed` itself. Errors: corrupt.
Result<std::string> unpack(std::string_view packed, std::optional<std::int64_t> size);

}  // namespace waybill::storage
