#include "api/source_rules.h"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/ids.h"
#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

// Contract, section 2; in characters.
constexpr std::size_t kMaxPath = 1024;
constexpr std::size_t kMaxRegion = 20;
constexpr std::size_t kMaxCredential = 1024;
constexpr std::size_t kMaxPrivateKey = 16 * 1024;

constexpr std::string_view kCredentials[] = {"accessKeyId", "secretAccessKey", "sessionToken",
                                             "accessKey",   "secretKey",       "username",
                                             "password",    "privateKey",      "passphrase"};

void read_type(Problems& problems, const json::object& object, std::optional<jobs::SourceType>& type) {
  const auto text = problems.text(object, "dataSource", "type", true);
  if (!text) return;
  for (const auto each : {jobs::SourceType::s3, jobs::SourceType::shared_path}) {
    if (*text == jobs::to_string(each)) type = each;
  }
  if (!type) {
    problems.add("dataSource.type", *text, "must be \"AWS S3 bucket\" or \"Shared file path\"");
  }
}

/// What is wrong with the path of a source of this type; empty where nothing is.
std::string path_fault(const boost::urls::url_view& url, jobs::SourceType type) {
  const std::string scheme = to_lower(std::string_view(url.scheme().data(), url.scheme().size()));
  if (type == jobs::SourceType::s3) {
    return scheme == "s3" && !url.host().empty() ? "" : "must be s3://bucket/key-or-prefix";
  }
  if (scheme == "sftp") {
    if (url.host().empty() || url.path().empty()) return "must be sftp://host[:port]/path";
    return url.path().find('\0') == std::string::npos ? "" : "holds a NUL";
  }
  if (scheme == "upload") {
    const bool bare = url.path().empty() || url.path() == "/";
    return Uuid::parse(url.host()) && bare ? "" : "must be upload:// and the id that an upload was given";
  }
  if (scheme != "file") return "must begin with file://, sftp:// or upload://";
  const std::string host = url.host();
  if (!host.empty() && !iequals(host, "localhost")) return "names another host: file:// has none";
  if (url.path().size() < 2 || url.path().front() != '/') return "must be file:// and an absolute path";
  if (url.path().find('\0') != std::string::npos) return "holds a NUL";
  return "";
}

void read_path(Problems& problems, const json::object& object, std::optional<jobs::SourceType> type,
               std::string& path) {
  const auto text = problems.text(object, "dataSource", "path", true);
  if (!text) return;
  if (text->empty() || utf8_length(*text) > kMaxPath) {
    problems.add("dataSource.path", *text, "must have 1 to 1024 characters");
    return;
  }
  const auto url = boost::urls::parse_uri(*text);
  if (url.has_error()) {
    problems.add("dataSource.path", *text, "must be a URI (RFC 3986), with spaces and the like as %20");
  } else if (url->has_userinfo()) {
    // Not shown: it may hold a password.
    problems.add("dataSource.path", "", "must not hold a user or password: use dataSource.credentials");
  } else if (url->has_query() || url->has_fragment()) {
    problems.add("dataSource.path", *text, "must have no query and no fragment: write ? as %3F and # as %23");
  } else if (type) {
    if (const auto fault = path_fault(*url, *type); !fault.empty()) {
      problems.add("dataSource.path", *text, fault);
    }
  }
  path = *text;
}

/// One of `needs` is there wherever `name` is; the first is named as missing.
void check_partner(Problems& problems, const json::object& given, std::string_view name,
                   std::initializer_list<std::string_view> needs) {
  if (!given.contains(name)) return;
  const bool there = std::any_of(needs.begin(), needs.end(), [&](auto each) { return given.contains(each); });
  if (there) return;
  std::string names;
  for (const auto each : needs) names += (names.empty() ? "'" : " or '") + std::string(each) + "'";
  problems.add("dataSource.credentials." + std::string(*needs.begin()), "",
               "is missing: '" + std::string(name) + "' needs " + names);
}

void read_credentials(Problems& problems, const json::object& given) {
  const std::string path = "dataSource.credentials";
  problems.only_known(given, path, {std::begin(kCredentials), std::end(kCredentials)});
  for (const auto name : kCredentials) {
    const auto text = problems.text(given, path, name, false, true);
    const std::size_t most = name == "privateKey" ? kMaxPrivateKey : kMaxCredential;
    if (text && (text->empty() || utf8_length(*text) > most)) {
      problems.add(path + "." + std::string(name), "",
                   "must have 1 to " + std::to_string(most) + " characters");
    }
  }
  check_partner(problems, given, "accessKeyId", {"secretAccessKey"});
  check_partner(problems, given, "secretAccessKey", {"accessKeyId"});
  check_partner(problems, given, "accessKey", {"secretKey"});
  check_partner(problems, given, "secretKey", {"accessKey"});
  check_partner(problems, given, "sessionToken", {"accessKeyId", "accessKey"});
  check_partner(problems, given, "username", {"password", "privateKey"});
  check_partner(problems, given, "password", {"username"});
  check_partner(problems, given, "privateKey", {"username"});
  check_partner(problems, given, "passphrase", {"privateKey"});
}

bool is_remote(std::string_view path) {
  constexpr std::string_view kSchemes[] = {"sftp://", "s3://"};
  return std::any_of(std::begin(kSchemes), std::end(kSchemes),
                     [&](std::string_view scheme) { return iequals(path.substr(0, scheme.size()), scheme); });
}

}  // namespace

void read_source(Problems& problems, const json::object& object, jobs::DataSource& source) {
  problems.only_known(object, "dataSource", {"type", "path", "region", "credentials"});
  std::optional<jobs::SourceType> type;
  read_type(problems, object, type);
  read_path(problems, object, type, source.path);
  if (const auto region = problems.text(object, "dataSource", "region")) {
    if (utf8_length(*region) > kMaxRegion) {
      problems.add("dataSource.region", *region, "must have at most 20 characters");
    }
    source.region = *region;
  }
  if (const auto* credentials = problems.object(object, "dataSource", "credentials", false)) {
    read_credentials(problems, *credentials);
    // A file of this machine and an upload need none: what is not kept cannot leak.
    if (is_remote(source.path)) source.credentials = Secret(json::serialize(*credentials));
  }
  source.type = type.value_or(jobs::SourceType::shared_path);
}

void read_source_credentials(Problems& problems, const json::object& object, Secret& credentials) {
  problems.only_known(object, "dataSource", {"credentials"});
  if (const auto* given = problems.object(object, "dataSource", "credentials", true)) {
    read_credentials(problems, *given);
    credentials = Secret(json::serialize(*given));
  }
}

}  // namespace waybill::api
