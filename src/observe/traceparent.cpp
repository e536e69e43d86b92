#include "observe/traceparent.h"

#include "base/hash.h"
#include "base/text.h"

namespace waybill::observe {

namespace {

// Offsets in "00-{32}-{16}-{2}".
constexpr std::size_t kTrace = 3;
constexpr std::size_t kParent = 36;
constexpr std::size_t kFlags = 53;
constexpr std::size_t kLength = 55;

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool is_all_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}
unsigned digit(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

}  // namespace

std::optional<Traceparent> parse_traceparent(std::string_view header) {
  if (header.size() < kLength) return std::nullopt;
  const auto version = header.substr(0, 2);
  const auto trace = header.substr(kTrace, 32);
  const auto parent = header.substr(kParent, 16);
  const auto flags = header.substr(kFlags, 2);
  const bool dashes = header[2] == '-' && header[35] == '-' && header[52] == '-';
  if (!dashes || !is_lower_hex(version) || !is_lower_hex(trace) || !is_lower_hex(parent) ||
      !is_lower_hex(flags)) {
    return std::nullopt;
  }
  if (version == "ff" || is_all_zero(trace) || is_all_zero(parent)) return std::nullopt;
  if (header.size() > kLength && (version == "00" || header[kLength] != '-')) return std::nullopt;
  return Traceparent{std::string(trace), std::string(parent),
                     static_cast<std::uint8_t>(digit(flags[0]) << 4 | digit(flags[1]))};
}

std::string Traceparent::to_string() const {
  const char byte = static_cast<char>(flags);
  return "00-" + trace_id + "-" + parent_id + "-" + hex_encode({&byte, 1});
}

Traceparent Traceparent::child() const {
  return {trace_id, hex_encode(random_bytes(8)), flags};
}

}  // namespace waybill::observe
