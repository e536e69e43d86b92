#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace boost::json {
class object;
}

namespace waybill::api {

/// An answer with a JSON body.
http::Response json_answer(int status, const boost::json::object& body);
http::Response json_text_answer(int status, std::string body);

/// True where If-None-Match names the tag (RFC 9110, 13.1.2: weak comparison, lists, "*").
bool not_modified(const http::Request& request, std::string_view etag);
/// 304 where the client has it already, else `response`; both with the ETag and `Cache-Control: private,
/// no-cache`.
http::Response with_etag(const http::Request& request, const std::string& etag, http::Response response);

/// Seconds of `Prefer: wait=N` (RFC 7240, 4.3), at most 60; nullopt where none is asked for. What is
/// malformed is ignored, as that RFC says.
std::optional<std::chrono::seconds> preferred_wait(const http::Request& request);

/// A file to be saved under `name`, never shown by a browser (RFC 6266, RFC 8187).
http::Response download(std::string body, std::string_view name);

}  // namespace waybill::api
