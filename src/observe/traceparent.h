#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waybill::observe {

/// Where a request stands in a distributed trace (W3C Trace Context, 3.2).
struct Traceparent {
  std::string trace_id;    // 32 lower-case hex digits, not all zero
  std::string parent_id;   // 16 lower-case hex digits, not all zero
  std::uint8_t flags = 0;  // bit 0: sampled

  /// Version 00: "00-{trace_id}-{parent_id}-{flags}".
  std::string to_string() const;
  /// The same trace with a new random parent id: what is handed on.
  Traceparent child() const;
};

/// Reads the header `traceparent`. A version above 00 is read as 00 where its start has that form (3.2.4);
/// nullopt for anything invalid, which is to be ignored.
std::optional<Traceparent> parse_traceparent(std::string_view header);

}  // namespace waybill::observe
