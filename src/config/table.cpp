#include "config/table.h"

#include <algorithm>

#include "config/units.h"

namespace waybill::config {

namespace {

template <typename Range>
std::string shown_list(const Range& range) {
  std::string out;
  for (const auto& entry : range) out += (out.empty() ? "" : ", ") + in_quotes(std::string(entry));
  return "[" + out + "]";
}

std::string between(std::int64_t least, std::int64_t most) {
  return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

std::uint64_t unsigned_of(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}

// Each of the makers below takes `At`, a lambda that gives the member of Settings.

template <typename At>
Entry text(std::string_view name, At, bool (*good)(std::string_view), std::string expected,
           std::string_view effect) {
  static bool (*check)(std::string_view);
  check = good;
  return {name,
          "text",
          effect,
          std::move(expected),
          [](Settings& settings, const Value& value, const Entry&) {
            const std::string* given = text_of(value);
            if (given == nullptr || !check(*given)) return false;
            At{}(settings) = *given;
            return true;
          },
          [](const Settings& settings) { return in_quotes(std::string(At{}(settings))); }};
}

template <typename At>
Entry path(std::string_view name, At, std::string_view effect) {
  return {name,
          "path",
          effect,
          "a path as text",
          [](Settings& settings, const Value& value, const Entry&) {
            const std::string* given = text_of(value);
            if (given == nullptr) return false;
            At{}(settings) = *given;
            return true;
          },
          [](const Settings& settings) { return in_quotes(At{}(settings).string()); }};
}

template <typename At>
Entry integer(std::string_view name, At, std::int64_t least, std::int64_t most, std::string_view effect) {
  return {name,
          "number",
          effect,
          between(least, most),
          [](Settings& settings, const Value& value, const Entry& entry) {
            const auto number = number_of(value);
            if (!number || *number < entry.least || *number > entry.most) return false;
            auto& member = At{}(settings);
            member = static_cast<std::decay_t<decltype(member)>>(*number);
            return true;
          },
          [](const Settings& settings) { return std::to_string(At{}(settings)); },
          least,
          most};
}

template <typename At>
Entry size(std::string_view name, At, std::uint64_t least, std::uint64_t most, std::string_view effect) {
  return {name,
          "size",
          effect,
          "a size from " + format_size(least) + " to " + format_size(most) +
              R"( ("25MiB"; units B, KiB, MiB, GiB, TiB, or a whole number of bytes))",
          [](Settings& settings, const Value& value, const Entry& entry) {
            const auto number = size_of(value);
            if (!number || *number < entry.least || *number > entry.most) return false;
            At{}(settings) = unsigned_of(*number);
            return true;
          },
          [](const Settings& settings) { return in_quotes(format_size(At{}(settings))); },
          static_cast<std::int64_t>(least),
          static_cast<std::int64_t>(most)};
}

template <typename At>
Entry duration(std::string_view name, At, Milliseconds least, Milliseconds most, std::string_view effect) {
  return {name,
          "duration",
          effect,
          "a duration from " + format_duration(least) + " to " + format_duration(most) +
              R"( ("10s"; units ms, s, min, h, d, or a whole number of milliseconds))",
          [](Settings& settings, const Value& value, const Entry& entry) {
            const auto number = duration_of(value);
            if (!number || *number < entry.least || *number > entry.most) return false;
            At{}(settings) = Milliseconds(*number);
            return true;
          },
          [](const Settings& settings) { return in_quotes(format_duration(At{}(settings))); },
          least.count(),
          most.count()};
}

template <typename At>
Entry flag(std::string_view name, At, std::string_view effect) {
  return {name,
          "true or false",
          effect,
          "true or false",
          [](Settings& settings, const Value& value, const Entry&) {
            if (const bool* given = std::get_if<bool>(&value.data)) {
              At{}(settings) = *given;
              return true;
            }
            const std::string* given = value.untyped ? text_of(value) : nullptr;
            if (given == nullptr || (*given != "true" && *given != "false")) return false;
            At{}(settings) = *given == "true";
            return true;
          },
          [](const Settings& settings) { return std::string(At{}(settings) ? "true" : "false"); }};
}

template <typename At>
Entry list(std::string_view name, std::string_view unit, At, bool (*good)(std::string_view),
           std::string expected, std::string_view effect) {
  static bool (*check)(std::string_view);
  check = good;
  return {name,
          unit,
          effect,
          std::move(expected),
          [](Settings& settings, const Value& value, const Entry&) {
            const auto given = list_of(value);
            if (!given || !std::all_of(given->begin(), given->end(), check)) return false;
            auto& member = At{}(settings);
            member.assign(given->begin(), given->end());
            return true;
          },
          [](const Settings& settings) { return shown_list(At{}(settings)); }};
}

bool any_text(std::string_view text) {
  return text.find_first_of("\r\n") == std::string_view::npos;
}
bool some_text(std::string_view text) {
  return !text.empty() && any_text(text);
}
bool is_endpoint(std::string_view text) {
  return parse_endpoint(text).has_value();
}
/// Also libpq's keywords are taken ("host=/run/postgresql dbname=waybill").
bool is_database(std::string_view text) {
  return text.empty() || text.starts_with("postgres://") || text.starts_with("postgresql://") ||
         text.find("dbname=") != std::string_view::npos;
}
bool is_absolute(std::string_view text) {
  return text.starts_with('/');
}

bool is_region(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool is_region_or_none(std::string_view text) {
  return text.empty() || is_region(text);
}
/// Of what stands behind the scheme s3/ knows more.
bool is_bucket(std::string_view text) {
  constexpr std::string_view kScheme = "s3://";
  return text.empty() || (text.starts_with(kScheme) && text.size() > kScheme.size() && any_text(text));
}

/// http(s)://host…, without a query, a fragment or white space; or nothing.
bool is_url(std::string_view text) {
  if (text.empty()) return true;
  const bool scheme = text.starts_with("http://") || text.starts_with("https://");
  const auto host = text.substr(std::min(text.size(), text.find("://") + 3));
  return scheme && !host.empty() && host.front() != '/' &&
         text.find_first_of(" \t\r\n?#\"<>") == std::string_view::npos;
}

template <std::size_t N>
bool one_of(std::string_view text, const std::string_view (&values)[N]) {
  return std::find(std::begin(values), std::end(values), text) != std::end(values);
}
bool is_level(std::string_view text) {
  return one_of(text, {"trace", "debug", "info", "warning", "error"});
}
bool is_format(std::string_view text) {
  return one_of(text, {"text", "json"});
}

bool is_unknown_host(std::string_view text) {
  return one_of(text, {"refuse", "accept-new"});
}

/// "en-US": the shape of the contract's languages; which of them exist is the validation's to know.
bool is_language(std::string_view text) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return text.size() == 5 && lower(text[0]) && lower(text[1]) && text[2] == '-' && upper(text[3]) &&
         upper(text[4]);
}

bool is_issuer(std::string_view text) {
  return !text.empty() && is_url(text);
}

bool is_algorithm(std::string_view text) {
  return one_of(text, {"RS256", "PS256", "ES256", "EdDSA"});
}

std::optional<ListMap> list_map_of(const Value& value) {
  if (const auto* given = std::get_if<ListMap>(&value.data)) return *given;
  const std::string* given = value.untyped ? text_of(value) : nullptr;
  return given != nullptr ? parse_list_map(*given) : std::nullopt;
}

bool set_departments(Settings& settings, const Value& value, const Entry&) {
  auto map = list_map_of(value);
  if (!map) return false;
  for (const auto& [department, values] : *map) {
    if (department.empty() || values.empty()) return false;
  }
  settings.auth.departments = std::move(*map);
  return true;
}

bool set_languages(Settings& settings, const Value& value, const Entry&) {
  auto map = list_map_of(value);
  if (!map) return false;
  for (const auto& [department, languages] : *map) {
    if (department.empty() || languages.empty()) return false;
    if (!std::all_of(languages.begin(), languages.end(), is_language)) return false;
  }
  settings.languages = std::move(*map);
  return true;
}

#define WAYBILL_AT(member)      \
  [](auto& settings) -> auto& { \
    return settings.member;     \
  }

constexpr std::int64_t kManyItems = 1'000'000;
constexpr Milliseconds kDay{86'400'000};

void add_server(std::vector<Entry>& out) {
  out.push_back(text("server.listen", WAYBILL_AT(server.listen), is_endpoint,
                     R"(address:port such as "127.0.0.1:8080" or "[::]:8443")",
                     "Where the server listens; with port 0 the system chooses one."));
  out.push_back(text("server.public_url", WAYBILL_AT(server.public_url), is_url,
                     R"(an http or https URL such as "https://kb.example.com", or nothing)",
                     "The URL that clients see; empty: made from server.listen."));
  out.push_back(path("server.certificate", WAYBILL_AT(server.certificate),
                     "PEM file with the TLS certificate and its chain; empty: no TLS."));
  out.push_back(path("server.private_key", WAYBILL_AT(server.private_key),
                     "PEM file with the private key of server.certificate."));
  out.push_back(integer("server.loops", WAYBILL_AT(server.loops), 1, 256,
                        "Event loops, one thread each; as many as cores is plenty."));
  out.push_back(integer("server.pool_threads", WAYBILL_AT(server.pool_threads), 1, 256,
                        "Threads for requests that read or write the database or a disk."));
  out.push_back(integer("server.max_connections", WAYBILL_AT(server.max_connections), 1, 1'000'000,
                        "Open connections; one more is answered with 503."));
  out.push_back(duration("server.head_timeout", WAYBILL_AT(server.head_timeout), Milliseconds(100),
                         Milliseconds(600'000), "How long a request's head may take to come; longer: 408."));
  out.push_back(duration("server.body_timeout", WAYBILL_AT(server.body_timeout), Milliseconds(100),
                         Milliseconds(3'600'000),
                         "How long a client may pause in a body that it sends or an answer that it reads."));
  out.push_back(
      size("server.min_body_rate", WAYBILL_AT(server.min_body_rate), 0, 1ULL << 30,
           "Bytes a second that a body must bring after the first server.body_timeout; slower: 408; 0: "
           "none."));
  out.push_back(size("server.max_upload_bytes", WAYBILL_AT(server.max_upload_bytes), 1 << 20, 1ULL << 40,
                     "The largest package that may be uploaded."));
  // A job may be scheduled seven days ahead.
  out.push_back(duration("server.keep_uploads", WAYBILL_AT(server.keep_uploads), Milliseconds(3'600'000),
                         3'650 * kDay,
                         "How long an uploaded package is kept, and longer while a job that has not ended "
                         "needs it; in storage.bucket a rule of the bucket's own decides."));
  out.push_back(
      integer("limits.requests_per_client", WAYBILL_AT(limits.requests_per_client), 0, kManyItems,
              "Requests of one client a second, up to ten seconds' worth at once; more: 429; status and "
              "health do not count; 0: no limit."));
  out.push_back(
      integer("limits.wrong_secrets", WAYBILL_AT(limits.wrong_secrets), 0, kManyItems,
              "Wrong client secrets from one address a minute; more: 429; 0: no limit, as behind a proxy "
              "that gives all clients its own address."));
}

void add_middle(std::vector<Entry>& out) {
  out.push_back(path("storage.data_dir", WAYBILL_AT(storage.data_dir),
                     "Where all data lies; WAYBILL_DATA_DIR means the same."));
  out.push_back(
      text("storage.database", WAYBILL_AT(storage.database), is_database,
           R"(a URL such as "postgres://waybill@db.example.com/waybill", or nothing)",
           "The PostgreSQL that many nodes share; empty: a SQLite file in storage.data_dir, for one."));
  out.push_back(integer("storage.connections", WAYBILL_AT(storage.connections), 2, 1'000,
                        "Connections with storage.database that this node has at most; one more listens."));
  out.push_back(path("storage.key_file", WAYBILL_AT(storage.key_file),
                     "The master key, the same on all nodes; empty: master.key in storage.data_dir."));
  out.push_back(path("storage.shared_dir", WAYBILL_AT(storage.shared_dir),
                     "Where blobs and uploads lie that all nodes must see; empty: in storage.data_dir."));
  out.push_back(text(
      "storage.bucket", WAYBILL_AT(storage.bucket), is_bucket,
      R"(a URI such as "s3://bucket" or "s3://bucket/prefix", or nothing)",
      "Where blobs and uploads lie in place of a folder; with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
      "AWS_SESSION_TOKEN of the server."));
  out.push_back(text("storage.bucket_endpoint", WAYBILL_AT(storage.bucket_endpoint), is_url,
                     R"(an http or https URL such as "https://minio.example.com:9000", or nothing)",
                     "The store of storage.bucket, which needs no leave in network.allow; empty: that of "
                     "s3.endpoint."));
  out.push_back(text("storage.bucket_region", WAYBILL_AT(storage.bucket_region), is_region_or_none,
                     R"(a region such as "us-east-1", or nothing)",
                     "The region of storage.bucket; empty: that of s3.region."));
  out.push_back(text("log.level", WAYBILL_AT(log.level), is_level,
                     R"("trace", "debug", "info", "warning" or "error")",
                     "What is logged: trace, debug, info, warning or error, and all above."));
  out.push_back(text("log.format", WAYBILL_AT(log.format), is_format, R"("text" or "json")",
                     "How a line of the log is written: text or json."));
  out.push_back(text("auth.issuer", WAYBILL_AT(auth.issuer), is_url, "an http or https URL, or nothing",
                     "The issuer named in tokens; empty: the public URL."));
  out.push_back(text("auth.audience", WAYBILL_AT(auth.audience), some_text, "text that is not empty",
                     "The audience that a token must name."));
  out.push_back(list("auth.scope_prefixes", "list", WAYBILL_AT(auth.scope_prefixes), some_text,
                     "a list of texts that are not empty",
                     "Accepted in front of scopes, as external issuers write them."));
  out.push_back(duration("auth.token_life", WAYBILL_AT(auth.token_life), Milliseconds(1'000), kDay,
                         "How long a token of the embedded issuer is valid."));
  out.push_back(duration("auth.leeway", WAYBILL_AT(auth.leeway), Milliseconds(0), Milliseconds(600'000),
                         "How far clocks may differ when a token's times are checked."));
  out.push_back(list("auth.outside_issuers", "list", WAYBILL_AT(auth.outside_issuers), is_issuer,
                     R"(a list of http or https URLs such as "https://login.example.com/realm")",
                     "Issuers whose tokens are taken beside Waybill's own, by the URL that they name "
                     "themselves."));
  out.push_back(list("auth.algorithms", "list", WAYBILL_AT(auth.algorithms), is_algorithm,
                     "a list of RS256, PS256, ES256 and EdDSA",
                     "The signatures that outside issuers' tokens may have."));
  out.push_back(text("auth.department_claim", WAYBILL_AT(auth.department_claim), some_text,
                     "text that is not empty",
                     "The claim of an outside issuer's token that says the department."));
  out.push_back({"auth.departments", "lists by department",
                 "The values of auth.department_claim that mean each department; empty: the value is the "
                 "department.",
                 "a table of departments, each a list of texts", set_departments,
                 [](const Settings&) { return std::string("{}"); }});
  out.push_back(duration("auth.keys_life", WAYBILL_AT(auth.keys_life), Milliseconds(60'000), kDay,
                         "How long an outside issuer's keys are used before they are fetched anew, where the "
                         "issuer does not ask for sooner."));
  out.push_back(duration("auth.keys_away", WAYBILL_AT(auth.keys_away), Milliseconds(60'000), 30 * kDay,
                         "How long the keys last fetched stay good while their issuer cannot be reached."));
  out.push_back(path("auth.ca_file", WAYBILL_AT(auth.ca_file),
                     "PEM file with the authorities to trust for outside issuers; empty: the system's."));
  out.push_back(
      text("console.issuer", WAYBILL_AT(console.issuer), is_url, "an http or https URL, or nothing",
           "The issuer at which people sign in to the console; empty: with a client's id and secret."));
  out.push_back(text("console.client_id", WAYBILL_AT(console.client_id), any_text, "text",
                     "The console's client there: a public one, with authorization code and PKCE."));
  out.push_back(text("console.scope", WAYBILL_AT(console.scope), some_text, "text that is not empty",
                     "What the console asks the issuer for, with spaces between."));
  out.push_back(list("sources.file_roots", "list of paths", WAYBILL_AT(sources.file_roots), is_absolute,
                     "a list of absolute paths",
                     "file:// packages are read below these folders alone; empty: none."));
  out.push_back(
      path("sftp.known_hosts", WAYBILL_AT(sftp.known_hosts),
           "The keys of SFTP servers, as OpenSSH keeps them; empty: known_hosts in the data folder."));
  out.push_back(text("sftp.unknown_host", WAYBILL_AT(sftp.unknown_host), is_unknown_host,
                     R"("refuse" or "accept-new")",
                     "An SFTP server without a key there: refuse, or accept-new, which keeps its key."));
  out.push_back(integer("sftp.connections", WAYBILL_AT(sftp.connections), 1, 16,
                        "Connections with an SFTP server that one job has at once."));
  out.push_back(size("spool.max_bytes", WAYBILL_AT(spool.max_bytes), 1 << 20, 1ULL << 44,
                     "Disk for packages from other machines while they are read, all together."));
  out.push_back(size("spool.read_ahead", WAYBILL_AT(spool.read_ahead), 0, 1ULL << 40,
                     "How much of such a package is fetched before it is needed."));
  out.push_back(text("s3.endpoint", WAYBILL_AT(s3.endpoint), is_url,
                     R"(an http or https URL such as "https://minio.example.com:9000", or nothing)",
                     "The store that s3:// means, addressed in path style; empty: Amazon's own."));
  out.push_back(text("s3.region", WAYBILL_AT(s3.region), is_region, R"(a region such as "us-east-1")",
                     "The region of buckets whose request names none."));
  out.push_back(path(
      "s3.ca_file", WAYBILL_AT(s3.ca_file),
      "PEM file with the authorities to trust for s3.endpoint and storage.bucket; empty: the system's."));
  out.push_back(integer("s3.connections", WAYBILL_AT(s3.connections), 1, 64,
                        "Connections with a store that one job has at once."));
  out.push_back(flag("s3.server_credentials", WAYBILL_AT(s3.server_credentials),
                     "Requests without credentials use AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
                     "AWS_SESSION_TOKEN of the server."));
  out.push_back(list("network.allow", "list", WAYBILL_AT(network.allow), some_text,
                     "a list of networks, addresses or host names",
                     "Where Waybill may connect to beside public addresses, such as \"10.1.0.0/16\" or "
                     "\"minio.local\"; empty: nowhere."));
  out.push_back(duration("network.connect_timeout", WAYBILL_AT(network.connect_timeout), Milliseconds(100),
                         kDay, "How long a connection with another server may take to come about."));
  out.push_back(duration("network.stall_timeout", WAYBILL_AT(network.stall_timeout), Milliseconds(1'000),
                         kDay, "How long another server may send nothing while Waybill waits for it."));
  out.push_back(duration("network.request_timeout", WAYBILL_AT(network.request_timeout), Milliseconds(1'000),
                         kDay, "How long one request to a store or an issuer may take in all."));
  out.push_back(integer("network.attempts", WAYBILL_AT(network.attempts), 1, 100,
                        "How often a request that fails for now is sent, without progress between."));
}

void add_work(std::vector<Entry>& out) {
  out.push_back(
      integer("jobs.running", WAYBILL_AT(jobs.running), 1, 64, "Jobs that run at once in this process."));
  out.push_back(
      integer("jobs.checkers", WAYBILL_AT(jobs.checkers), 1, 64, "Threads that check the items of one job."));
  out.push_back(integer("jobs.batch_items", WAYBILL_AT(jobs.batch_items), 1, 100'000,
                        "A batch commits at the latest after so many items."));
  out.push_back(size("jobs.batch_bytes", WAYBILL_AT(jobs.batch_bytes), 1 << 10, 1ULL << 30,
                     "A batch commits at the latest after so many bytes of content."));
  out.push_back(duration("jobs.batch_time", WAYBILL_AT(jobs.batch_time), Milliseconds(1),
                         Milliseconds(60'000), "A batch commits at the latest after so long."));
  out.push_back(duration("jobs.lease", WAYBILL_AT(jobs.lease), Milliseconds(100), Milliseconds(600'000),
                         "How long a job stays with a worker that shows no sign of life."));
  out.push_back(integer("jobs.max_items_per_second", WAYBILL_AT(jobs.max_items_per_second), 0, kManyItems,
                        "A brake for each job; 0: none."));
  out.push_back(flag(
      "jobs.wait_for_index", WAYBILL_AT(jobs.wait_for_index),
      "A job ends only when search finds all that it imported; false: it ends at once, and search follows."));
  out.push_back(integer("jobs.queued_per_client", WAYBILL_AT(jobs.queued_per_client), 1, kManyItems,
                        "Unfinished jobs of one client; one more is refused with 429."));
  out.push_back(
      duration("jobs.keep_ended", WAYBILL_AT(jobs.keep_ended), Milliseconds(0), 3'650 * kDay,
               "How long an ended job is kept, with its findings, its log and what an undo needs, and "
               "longer while a later job stands on it; 0: for ever."));
  out.push_back(size("package.max_bytes", WAYBILL_AT(package.max_bytes), 1 << 20, 1ULL << 44,
                     "The largest package, counted as it is unpacked."));
  out.push_back(integer("package.max_entries", WAYBILL_AT(package.max_entries), 1, 100'000'000,
                        "Files in one package."));
  out.push_back(integer("package.max_ratio", WAYBILL_AT(package.max_ratio), 10, 100'000,
                        "How many times larger than packed one file may become."));
  out.push_back({"languages", "lists by department",
                 "The languages that articles may have, by department; \"*\" is for departments not named; "
                 "empty: all.",
                 "a table of departments, each a list of languages such as [\"en-US\"]", set_languages,
                 [](const Settings&) { return std::string("{}"); }});
}

}  // namespace

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = [] {
    std::vector<Entry> out;
    add_server(out);
    add_middle(out);
    add_work(out);
    return out;
  }();
  return all;
}

std::string environment_name(std::string_view name) {
  std::string out = "WAYBILL_";
  for (const char c : name) {
    out += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
  }
  return out;
}

}  // namespace waybill::config
