#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace waybill::package {

/// "12 MB", "1.5 GB", "812 bytes": powers of 1000, for people.
std::string describe_bytes(std::uint64_t bytes);
/// "4,431 files", "1 file".
std::string describe_count(std::uint64_t count, std::string_view noun);
/// limit_exceeded where a file of `size` bytes is more than what the caller reads.
Result<void> check_size(std::string_view path, std::uint64_t size, std::uint64_t max_bytes);

}  // namespace waybill::package
