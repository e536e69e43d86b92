#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace waybill::auth {

// What a JWT's header and claims hold (RFC 7519). Of members that stand twice the last counts (RFC 7515, 4).

/// One of a token's parts: base64url of a JSON object.
std::optional<boost::json::object> decode_part(std::string_view part);
/// Only what a compact JWS consists of (RFC 7515, 7.1).
bool is_compact(std::string_view token);
std::optional<std::string> text_claim(const boost::json::object& claims, std::string_view name);
/// A text, or a list of texts; without those that are none.
std::vector<std::string> texts_claim(const boost::json::object& claims, std::string_view name);
/// NumericDate (RFC 7519, 2): seconds, possibly with a fraction.
std::optional<Time> time_claim(const boost::json::object& claims, std::string_view name);
bool audience_fits(const boost::json::object& claims, std::string_view audience);

}  // namespace waybill::auth
