#include "http/uri.h"

#include <algorithm>

#include "base/ids.h"
#include "base/text.h"

namespace waybill::http {

namespace {

constexpr std::size_t kLongestRequestId = 128;

bool is_visible_ascii(char c) {
  return c > ' ' && c < '\x7F';
}

bool is_well_encoded(std::string_view text) {
  const auto hex = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
    if (at + 2 >= text.size() || !hex(text[at + 1]) || !hex(text[at + 2])) return false;
  }
  return true;
}

/// What follows "http://host" in absolute form; the target itself in origin form.
std::optional<std::string_view> without_authority(std::string_view target) {
  if (target.starts_with('/')) return target;
  const auto slashes = target.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  const auto scheme = target.substr(0, slashes);
  if (!iequals(scheme, "http") && !iequals(scheme, "https")) return std::nullopt;
  target.remove_prefix(slashes + 3);
  const auto end = std::min(target.find_first_of("/?"), target.size());
  if (end == 0 || !is_valid_host(target.substr(0, end))) return std::nullopt;
  return target.substr(end);
}

std::optional<std::string> decode_form(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

bool parse_query(std::string_view query, std::vector<QueryParameter>& out) {
  for (const auto part : split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    auto name = decode_form(part.substr(0, equals));
    auto value = decode_form(equals == std::string_view::npos ? "" : part.substr(equals + 1));
    if (!name || !value) return false;
    out.push_back({std::move(*name), std::move(*value)});
  }
  return true;
}

}  // namespace

bool parse_target(Request& request) {
  if (!std::all_of(request.target.begin(), request.target.end(), is_visible_ascii)) return false;
  if (request.target.find('#') != std::string::npos) return false;
  const auto rest = without_authority(request.target);
  if (!rest) return false;
  const auto question = rest->find('?');
  const auto path = rest->substr(0, question);
  if (!is_well_encoded(path)) return false;
  request.path.clear();
  for (const char c : path) {
    if (c != '/' || request.path.empty() || request.path.back() != '/') request.path += c;
  }
  if (request.path.empty()) request.path += '/';
  request.query.clear();
  return question == std::string_view::npos || parse_query(rest->substr(question + 1), request.query);
}

bool is_valid_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~%!$&'()*+;=:[]").find(c) != std::string_view::npos;
  });
}

std::string accept_request_id(const Headers& headers) {
  const auto given = headers.get("X-Request-Id");
  if (given && !given->empty() && given->size() <= kLongestRequestId &&
      std::all_of(given->begin(), given->end(), is_visible_ascii)) {
    return std::string(*given);
  }
  return Uuid::random().to_string();
}

}  // namespace waybill::http
