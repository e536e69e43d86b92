#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace waybill::config {

/// "200ms", "10s", "5min", "1h", "7d", or digits alone: milliseconds. nullopt for anything else, and where it
/// does not fit in 64 bits.
std::optional<Milliseconds> parse_duration(std::string_view text);
/// In the largest unit that leaves a whole number: "10s", "200ms".
std::string format_duration(Milliseconds duration);

/// "25MiB", "4GiB", "512B", or digits alone: bytes. Powers of 1024. nullopt for anything else, and where it
/// does not fit in 64 bits.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

}  // namespace waybill::config
