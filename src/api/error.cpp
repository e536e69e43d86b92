#include "api/error.h"

#include <array>
#include <boost/json.hpp>

#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

// Contract, section 1, "Errors".
constexpr std::size_t kMaxCharacters = 255;
constexpr std::size_t kMaxRows = 30;

struct Row {
  int status;
  int number;
  std::string_view message;
  std::string_view user_message;
};

constexpr std::array kRows{
#define X(id, status, number, message, user_message) Row{status, number, message, user_message},
    WAYBILL_API_ERRORS(X)
#undef X
};

const Row& row(Code code) {
  return kRows.at(static_cast<std::size_t>(code));
}

/// At most 255 characters, cut between code points, and always UTF-8.
std::string shorten(std::string_view text) {
  std::string whole(text);
  while (const auto bad = first_invalid_utf8(whole)) whole[*bad] = '?';
  if (utf8_length(whole) <= kMaxCharacters) return whole;
  std::size_t end = 0;
  for (std::size_t characters = 0; end < whole.size(); ++end) {
    if ((static_cast<unsigned char>(whole[end]) & 0xC0U) != 0x80U && ++characters == kMaxCharacters) break;
  }
  return whole.substr(0, end) + "…";
}

bool wants_user_message(const http::Request* request) {
  if (request == nullptr) return false;
  const auto wanted = request->headers.get("X-egain-error-message");
  return wanted && iequals(trim(*wanted), "yes");
}

}  // namespace

int http_status(Code code) {
  return row(code).status;
}

std::string code_text(Code code) {
  return std::to_string(row(code).status) + "-" + std::to_string(row(code).number);
}

http::Response to_response(const ApiError& error, const http::Request* request) {
  json::object body{
      {"code", code_text(error.code)},
      {"developerMessage", shorten(error.message.empty() ? row(error.code).message : error.message)}};
  json::array details;
  for (const auto& detail : error.details) {
    if (details.size() == kMaxRows) break;
    details.push_back(json::object{{"key", shorten(detail.key)}, {"value", shorten(detail.value)}});
  }
  if (!details.empty()) body["details"] = std::move(details);
  if (wants_user_message(request)) body["userMessage"] = row(error.code).user_message;
  http::Response response;
  response.status = row(error.code).status;
  response.headers.set("Content-Type", "application/json");
  for (const auto& [name, value] : error.headers) response.headers.set(name, value);
  response.body = json::serialize(body);
  return response;
}

namespace {

ApiError refusal_error(http::Refusal kind, const http::Request* request, const std::string& allow) {
  switch (kind) {
    case http::Refusal::bad_request:
      return {Code::invalid_value, "The request is not HTTP/1.1 as RFC 9112 defines it.", {{"request", ""}}};
    case http::Refusal::not_found:
      return {Code::not_found,
              "There is nothing under this address.",
              {{"path", request != nullptr ? request->path : ""}}};
    case http::Refusal::method_not_allowed:
      return {Code::method_not_allowed,
              "The method is not allowed here. Allowed: " + allow + ".",
              {{"method", request != nullptr ? request->method : ""}},
              {{"Allow", allow}}};
    case http::Refusal::request_timeout:
      return {Code::too_slow, request == nullptr ? "The request's head did not come in time."
                                                 : "The request's body did not come in time."};
    case http::Refusal::body_too_large:
      return {Code::body_too_large, {}};
    case http::Refusal::head_too_large:
      return {Code::head_too_large, "The request line and the headers must have at most 32 KiB together."};
    case http::Refusal::too_many_requests:
      return {Code::too_many_requests, {}, {}, {{"Retry-After", "1"}}};
    case http::Refusal::internal_error:
      return {Code::internal, {}};
    case http::Refusal::unavailable:
      return {Code::unavailable, {}, {}, {{"Retry-After", "1"}}};
  }
  return {};
}

}  // namespace

http::Response refusal(http::Refusal kind, const http::Request* request, const std::string& allow) {
  return to_response(refusal_error(kind, request, allow), request);
}

ApiError from_error(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found:
      return {Code::not_found, {}};
    case ErrorCode::conflict:
    case ErrorCode::already_exists:
      return {Code::conflict, error.message};
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
    case ErrorCode::no_space:
    case ErrorCode::io:
    case ErrorCode::cancelled:
      return {Code::unavailable, {}, {}, {{"Retry-After", "2"}}};
    default:
      return {Code::internal, {}};
  }
}

ApiError not_found(std::string_view what) {
  return {Code::not_found, "There is no such " + std::string(what) + "."};
}

ApiError invalid_value(std::string message, std::string key, std::string value) {
  return {Code::invalid_value, std::move(message), {{std::move(key), std::move(value)}}};
}

}  // namespace waybill::api
