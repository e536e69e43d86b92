#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waybill::api {

/// A part of a representation.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// How a Range header was understood (RFC 9110, 14.2).
struct RangeChoice {
  enum class Kind { whole, part, unsatisfiable } kind = Kind::whole;
  ByteRange range;
};

/// One range of bytes: "bytes=5-", "bytes=0-99", "bytes=-500". Several ranges, other units and what is
/// malformed are ignored, as the RFC allows.
RangeChoice choose_range(std::optional<std::string_view> header, std::uint64_t size);

}  // namespace waybill::api
