#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace waybill::auth {

// What a JWT's header and claims hold (RFC 7519).

/// A JSON object and nothing else, in which no name stands twice, at any depth: RFC 7515 (4), 7517 (4) and
/// 7519 (4) let a reader refuse such, and two readers of whom each takes another one are how a token means
/// two things.
std::optional<boost::json::object> parse_object(std::string_view text);

/// One of a token's parts: base64url of such an object, without stray bits, so that it has one spelling.
std::optional<boost::json::object> decode_part(std::string_view part);
/// Only what a compact JWS consists of (RFC 7515, 7.1).
bool is_compact(std::string_view token);
std::optional<std::string> text_claim(const boost::json::object& claims, std::string_view name);
/// A text, or a list of texts; without those that are none.
std::vector<std::string> texts_claim(const boost::json::object& claims, std::string_view name);
/// NumericDate (RFC 7519, 2): seconds, possibly with a fraction.
std::optional<Time> time_claim(const boost::json::object& claims, std::string_view name);
/// 1 to 255 bytes of UTF-8 without control characters: what may be kept and shown as a client or a
/// department.
bool is_plain_name(std::string_view text);
bool audience_fits(const boost::json::object& claims, std::string_view audience);

}  // namespace waybill::auth
