#include "auth/claims.h"

#include <boost/json.hpp>

#include "auth/json_names.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;

std::optional<json::object> parse_object(std::string_view text) {
  boost::system::error_code ec;
  auto value = json::parse(text, ec);
  if (ec || !value.is_object() || has_name_twice(text)) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<json::object> decode_part(std::string_view part) {
  const auto bytes = base64_decode(part);
  if (!bytes || base64url_encode(*bytes) != part) return std::nullopt;
  return parse_object(*bytes);
}

bool is_compact(std::string_view token) {
  return token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
         std::string_view::npos;
}

std::optional<std::string> text_claim(const json::object& claims, std::string_view name) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::vector<std::string> texts_claim(const json::object& claims, std::string_view name) {
  if (auto text = text_claim(claims, name)) return {std::move(*text)};
  std::vector<std::string> texts;
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_array()) return texts;
  for (const auto& each : value->get_array()) {
    if (each.is_string()) texts.emplace_back(each.get_string());
  }
  return texts;
}

std::optional<Time> time_claim(const json::object& claims, std::string_view name) {
  // Year 9999: beyond it format and arithmetic have no meaning.
  constexpr double kLast = 253'402'300'799.0;
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const auto seconds = value->to_number<double>();
  if (!(seconds >= 0 && seconds <= kLast)) return std::nullopt;
  return Time(Milliseconds(static_cast<std::int64_t>(seconds * 1000.0)));
}

bool is_plain_name(std::string_view text) {
  constexpr std::size_t kMost = 255;
  return !text.empty() && text.size() <= kMost && !first_invalid_utf8(text) && escape_controls(text) == text;
}

bool audience_fits(const json::object& claims, std::string_view audience) {
  for (const auto& each : texts_claim(claims, "aud")) {
    if (each == audience) return true;
  }
  return false;
}

}  // namespace waybill::auth
