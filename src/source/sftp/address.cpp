#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/text.h"
#include "source/sftp/sftp.h"

namespace waybill::source {

namespace {

constexpr std::string_view kHost = "abcdefghijklmnopqrstuvwxyz0123456789-._";
constexpr std::string_view kAddress6 = "0123456789abcdef:.";
constexpr std::string_view kPathCharacters = "/~!$&'()*+,;=:@";  // RFC 3986, 3.3: pchar

/// The path without empty names, "/" at its end, or "."; nullopt where it has "..".
std::optional<std::string> tidy(std::string_view path) {
  std::string out;
  for (const auto name : split(path, '/')) {
    if (name.empty() || name == ".") continue;
    if (name == "..") return std::nullopt;
    out += "/" + std::string(name);
  }
  return out.empty() ? "/" : out;
}

}  // namespace

Result<SftpAddress> parse_sftp_uri(std::string_view uri) {
  const auto refuse = [&](const std::string& why, bool show = true) {
    return Error{ErrorCode::invalid_argument,
                 (show ? "'" + escape_controls(uri) + "' " : "The SFTP URI ") + why +
                     "; expected sftp://host[:port]/path, or sftp://host/~/path below the home directory."};
  };
  const auto url = boost::urls::parse_uri(boost::urls::string_view(uri.data(), uri.size()));
  if (url.has_error()) return refuse("is not a URI", uri.find('@') == std::string_view::npos);
  // Not shown: it may hold a password.
  if (url->has_userinfo()) return refuse("names a user, who belongs into the credentials", false);
  if (!iequals(std::string_view(url->scheme().data(), url->scheme().size()), "sftp"))
    return refuse("does not begin with sftp://");
  if (url->has_query() || url->has_fragment())
    return refuse("has a query or a fragment (write '?' and '#' in a name as %3F and %23)");

  SftpAddress address;
  const bool v6 = url->host_type() == boost::urls::host_type::ipv6;
  address.host = to_lower(v6 ? url->host_address() : url->host());
  if (address.host.empty()) return refuse("names no host");
  if (address.host.find_first_not_of(v6 ? kAddress6 : kHost) != std::string::npos ||
      address.host.front() == '-')
    return refuse("names a host that is not written as one");
  if (url->has_port()) {
    address.port = url->port_number();
    if (address.port == 0) return refuse("has a port that is not in 1 to 65535");
  }
  const std::string decoded = url->path();
  if (decoded.find('\0') != std::string::npos) return refuse("has a NUL character");
  if (decoded.empty()) return refuse("has no path");
  const auto path = tidy(decoded);
  if (!path) return refuse("has '..' in its path");

  const std::string port = address.port == kSshPort ? "" : ":" + std::to_string(address.port);
  address.uri = "sftp://" + (v6 ? "[" + address.host + "]" : address.host) + port +
                percent_encode(*path, kPathCharacters);
  address.path = *path;
  if (*path == "/~") address.path = ".";
  if (path->starts_with("/~/")) address.path = "./" + path->substr(3);
  return address;
}

}  // namespace waybill::source
