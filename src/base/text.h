#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// The offset of the first byte that is not UTF-8 (RFC 3629: no surrogates, nothing overlong), or nullopt.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

/// Code points in valid UTF-8: what the contract's limits of characters count.
std::size_t utf8_length(std::string_view text);

/// At most `max_bytes` bytes, cut between code points, with "…" in place of what is cut off.
std::string truncate_utf8(std::string_view text, std::size_t max_bytes);

/// Control characters (C0, DEL, C1, U+2028, U+2029) as \n, \t, \u00XX, so that a name cannot forge a line of
/// a log.
std::string escape_controls(std::string_view text);

/// RFC 3986, 2.1. nullopt where a '%' is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);
/// Everything but the unreserved characters of RFC 3986 and those in `keep` is encoded.
std::string percent_encode(std::string_view text, std::string_view keep = "");

/// ASCII only: what HTTP and HTML mean by case-insensitive.
bool iequals(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

/// The candidate nearest to `text` by edit distance with neighbouring swaps, case folded, where it is near
/// enough to be meant (at most a third of the length, at least 1); nullopt where none is.
std::optional<std::string_view> nearest(std::string_view text,
                                        const std::vector<std::string_view>& candidates);

std::string base64url_encode(std::string_view bytes);             // RFC 4648, 5, without padding
std::optional<std::string> base64_decode(std::string_view text);  // RFC 4648, 4 or 5, padding optional
std::string hex_encode(std::string_view bytes);                   // lower case

}  // namespace waybill
