#include "http/response_head.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "base/text.h"

namespace waybill::http {

namespace {

constexpr std::array<std::string_view, 6> kOwnFields = {"Content-Length", "Date",       "Server",
                                                        "X-Request-Id",   "Connection", "Transfer-Encoding"};

bool is_own_field(std::string_view name) {
  return std::any_of(kOwnFields.begin(), kOwnFields.end(),
                     [&](std::string_view own) { return iequals(own, name); });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const std::size_t begin = out.size();
  out += value;
  for (std::size_t at = begin; at < out.size(); ++at) {
    const auto byte = static_cast<unsigned char>(out[at]);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) out[at] = ' ';
  }
  out += "\r\n";
}

/// IMF-fixdate (RFC 9110, 5.6.7), made once a second in each thread.
std::string_view date_now() {
  thread_local std::time_t made_at = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made_at || text.empty()) {
    static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> rest{};
    // Names of our own: strftime's depend on the locale.
    std::string date = std::string(kDays[static_cast<std::size_t>(parts.tm_wday)]) + ", ";
    rest[std::strftime(rest.data(), rest.size(), "%d ", &parts)] = '\0';
    date += rest.data();
    date += kMonths[static_cast<std::size_t>(parts.tm_mon)];
    rest[std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &parts)] = '\0';
    text = date + rest.data();
    made_at = now;
  }
  return text;
}

struct Reason {
  int status;
  std::string_view phrase;
};
constexpr std::array kReasons = {Reason{100, "Continue"},
                                 Reason{200, "OK"},
                                 Reason{201, "Created"},
                                 Reason{202, "Accepted"},
                                 Reason{204, "No Content"},
                                 Reason{206, "Partial Content"},
                                 Reason{301, "Moved Permanently"},
                                 Reason{302, "Found"},
                                 Reason{303, "See Other"},
                                 Reason{304, "Not Modified"},
                                 Reason{307, "Temporary Redirect"},
                                 Reason{308, "Permanent Redirect"},
                                 Reason{400, "Bad Request"},
                                 Reason{401, "Unauthorized"},
                                 Reason{403, "Forbidden"},
                                 Reason{404, "Not Found"},
                                 Reason{405, "Method Not Allowed"},
                                 Reason{406, "Not Acceptable"},
                                 Reason{408, "Request Timeout"},
                                 Reason{409, "Conflict"},
                                 Reason{410, "Gone"},
                                 Reason{411, "Length Required"},
                                 Reason{412, "Precondition Failed"},
                                 Reason{413, "Content Too Large"},
                                 Reason{415, "Unsupported Media Type"},
                                 Reason{416, "Range Not Satisfiable"},
                                 Reason{422, "Unprocessable Content"},
                                 Reason{429, "Too Many Requests"},
                                 Reason{431, "Request Header Fields Too Large"},
                                 Reason{500, "Internal Server Error"},
                                 Reason{501, "Not Implemented"},
                                 Reason{503, "Service Unavailable"},
                                 Reason{507, "Insufficient Storage"}};

}  // namespace

std::string_view reason_phrase(int status) {
  const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                  [&](const Reason& reason) { return reason.status == status; });
  return found == kReasons.end() ? "Unknown" : found->phrase;
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

void append_response_head(std::string& out, const Response& response, std::optional<std::uint64_t> length,
                          std::string_view request_id, bool keep_alive, bool chunked) {
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\nServer: Waybill\r\n";
  append_field(out, "Date", date_now());
  if (length) append_field(out, "Content-Length", std::to_string(*length));
  if (chunked) append_field(out, "Transfer-Encoding", "chunked");
  if (!request_id.empty()) append_field(out, "X-Request-Id", request_id);
  append_field(out, "Connection", keep_alive ? "keep-alive" : "close");
  for (const auto& [name, value] : response.headers.all()) {
    if (!is_own_field(name)) append_field(out, name, value);
  }
  out += "\r\n";
}

}  // namespace waybill::http
