#pragma once

#include <cstdint>
#include <string_view>

namespace waybill::web {

enum class Encoding : std::uint8_t { identity, gzip, brotli };

/// The best that `Accept-Encoding` allows of those that are there (RFC 9110, 12.5.3): the higher q-value,
/// then the smaller. An empty header, or one that allows nothing that is there, means identity. Any thread.
Encoding choose_encoding(std::string_view accept_encoding, bool has_gzip, bool has_brotli);

/// "br", "gzip"; empty for identity.
std::string_view to_string(Encoding encoding);

}  // namespace waybill::web
