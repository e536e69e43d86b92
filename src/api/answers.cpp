#include "api/answers.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/text.h"

namespace waybill::api {

namespace {

constexpr int kMaxWaitSeconds = 60;

std::string_view strong_part(std::string_view tag) {
  tag = trim(tag);
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

/// By the ending of a name; what is not known is only bytes.
std::string_view media_type_of(std::string_view name) {
  struct Row {
    std::string_view ending, type;
  };
  static constexpr Row kTypes[] = {{"pdf", "application/pdf"}, {"png", "image/png"},
                                   {"jpg", "image/jpeg"},      {"jpeg", "image/jpeg"},
                                   {"gif", "image/gif"},       {"webp", "image/webp"},
                                   {"svg", "image/svg+xml"},   {"css", "text/css; charset=utf-8"},
                                   {"zip", "application/zip"}, {"txt", "text/plain; charset=utf-8"},
                                   {"mp4", "video/mp4"},       {"json", "application/json"}};
  const auto dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    for (const auto& row : kTypes) {
      if (iequals(name.substr(dot + 1), row.ending)) return row.type;
    }
  }
  return "application/octet-stream";
}

}  // namespace

http::Response json_text_answer(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

http::Response json_answer(int status, const boost::json::object& body) {
  return json_text_answer(status, boost::json::serialize(body));
}

bool not_modified(const http::Request& request, std::string_view etag) {
  for (const auto& [name, value] : request.headers.all()) {
    if (!iequals(name, "If-None-Match")) continue;
    for (const auto tag : split(value, ',')) {
      if (trim(tag) == "*" || strong_part(tag) == strong_part(etag)) return true;
    }
  }
  return false;
}

http::Response with_etag(const http::Request& request, const std::string& etag, http::Response response) {
  if (not_modified(request, etag)) {
    http::Response short_answer;
    short_answer.status = 304;
    if (const auto retry = response.headers.get("Retry-After")) {
      short_answer.headers.set("Retry-After", std::string(*retry));
    }
    response = std::move(short_answer);
  }
  response.headers.set("ETag", etag);
  response.headers.set("Cache-Control", "private, no-cache");
  return response;
}

std::optional<std::chrono::seconds> preferred_wait(const http::Request& request) {
  for (const auto& [name, value] : request.headers.all()) {
    if (!iequals(name, "Prefer")) continue;
    for (const auto preference : split(value, ',')) {
      const auto text = trim(preference.substr(0, preference.find(';')));
      const auto equals = text.find('=');
      if (equals == std::string_view::npos || !iequals(trim(text.substr(0, equals)), "wait")) continue;
      auto number = trim(text.substr(equals + 1));
      if (number.size() >= 2 && number.front() == '"' && number.back() == '"') {
        number = number.substr(1, number.size() - 2);
      }
      if (number.empty() || number.find_first_not_of("0123456789") != std::string_view::npos) continue;
      int seconds = 0;
      const auto parsed = std::from_chars(number.data(), number.data() + number.size(), seconds);
      // Too many digits for an int: certainly more than the most.
      if (parsed.ec != std::errc()) seconds = kMaxWaitSeconds;
      return std::chrono::seconds(std::min(seconds, kMaxWaitSeconds));
    }
  }
  return std::nullopt;
}

http::Response download(std::string body, std::string_view name) {
  std::string plain(name.substr(name.rfind('/') + 1));
  const std::string encoded = percent_encode(plain);
  for (char& c : plain) {
    if (c < 0x20 || c > 0x7E || c == '"' || c == '\\') c = '_';
  }
  http::Response response;
  response.headers.set("Content-Type", std::string(media_type_of(name)));
  response.headers.set("Content-Disposition",
                       "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded);
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Content-Security-Policy", "sandbox; default-src 'none'");
  response.body = std::move(body);
  return response;
}

}  // namespace waybill::api
