#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace waybill::config {

/// Everything an operator can set, checked whole at start. Each row of the table in table.cpp has the name
/// in the file ("server.listen"), in the environment (WAYBILL_SERVER_LISTEN), its unit, default and effect.
struct Settings {
  struct Server {
    std::string listen = "127.0.0.1:8080";           // address:port; port 0: the kernel chooses
    std::string public_url;                          // what clients see; empty: made from listen
    std::filesystem::path certificate, private_key;  // PEM; both or none
    int loops = 2;
    int pool_threads = 32;  // they wait for disks, not for processors
    std::uint64_t max_connections = 20'000;
    Milliseconds head_timeout{10'000};
    Milliseconds body_timeout{30'000};
    std::uint64_t min_body_rate = 1'024;  // bytes a second; 0: none
    std::uint64_t max_upload_bytes = 4ULL << 30;
    Milliseconds keep_uploads{30 * 86'400'000LL};
  } server;
  struct Limits {
    std::uint64_t requests_per_client = 1'000;  // a second; more: 429. 0: none
    std::uint64_t wrong_secrets = 120;          // a minute, of one address; more: 429. 0: none
  } limits;
  struct Storage {
    std::filesystem::path data_dir = "waybill-data";
    std::string database;              // postgres://…, for many nodes; empty: SQLite in data_dir
    int connections = 10;              // with that database, at most
    std::filesystem::path key_file;    // the master key; empty: master.key in data_dir
    std::filesystem::path shared_dir;  // blobs and uploads, where all nodes see them; empty: data_dir
    std::string bucket;                // s3://bucket/prefix, for the same in place of a folder
    std::string bucket_endpoint, bucket_region;  // empty: those of s3
  } storage;
  struct Log {
    std::string level = "info";   // trace debug info warning error
    std::string format = "text";  // text | json
  } log;
  struct Auth {
    std::string issuer;  // empty: the public URL
    std::string audience = "waybill";
    std::vector<std::string> scope_prefixes;  // accepted in front of scopes
    Milliseconds token_life{3'600'000};
    Milliseconds leeway{60'000};
    std::vector<std::string> outside_issuers;  // URLs, compared with `iss` as they stand
    std::vector<std::string> algorithms{"RS256", "PS256", "ES256", "EdDSA"};  // of outside issuers
    std::string department_claim = "department";
    std::map<std::string, std::vector<std::string>> departments;  // the claim's values by department
    Milliseconds keys_life{3'600'000};                            // of outside issuers
    Milliseconds keys_away{86'400'000};
    std::filesystem::path ca_file;  // for outside issuers; empty: the system's
  } auth;
  struct Console {
    std::string issuer;  // whose users sign in to the console by authorization code and PKCE; empty: nobody's
    std::string client_id;  // the console's client there, a public one
    std::string scope = "openid";
  } console;
  struct Sources {
    std::vector<std::filesystem::path> file_roots;  // file:// below these alone; empty: refused
  } sources;
  struct Sftp {
    std::filesystem::path known_hosts;    // empty: known_hosts in the data folder
    std::string unknown_host = "refuse";  // refuse | accept-new
    int connections = 2;                  // at once, for one job
  } sftp;
  struct Spool {
    std::uint64_t max_bytes = 16ULL << 30;  // packages from other machines that are being read, together
    std::uint64_t read_ahead = 64ULL << 20;
  } spool;
  struct S3 {
    std::string endpoint;  // of a compatible store, path style; empty: AWS's own
    std::string region = "us-east-1";
    std::filesystem::path ca_file;    // empty: the system's
    int connections = 8;              // at once, for one job
    bool server_credentials = false;  // AWS_… of the server's environment, for requests that bring none
  } s3;
  struct Network {
    std::vector<std::string> allow;  // networks, addresses and host names that are not public
    Milliseconds connect_timeout{30'000};
    Milliseconds stall_timeout{60'000};
    Milliseconds request_timeout{600'000};
    int attempts = 6;
  } network;
  struct Jobs {
    int running = 4;                         // at once, in this process
    int checkers = 2;                        // threads that check items, of all jobs together per job
    int batch_items = 500;                   // a batch commits at the latest after so many items,
    std::uint64_t batch_bytes = 8ULL << 20;  // so many bytes,
    Milliseconds batch_time{200};            // or so long
    Milliseconds lease{10'000};
    std::uint64_t max_items_per_second = 0;    // an operator's brake for each job; 0: none
    bool wait_for_index = true;                // a job ends when the search index has caught up
    std::uint64_t queued_per_client = 10'000;  // more unfinished jobs of one client: 429
    Milliseconds keep_ended{0};                // 0: for ever
  } jobs;
  struct Package {
    std::uint64_t max_bytes = 64ULL << 30;
    std::uint64_t max_entries = 1'000'000;
    std::uint64_t max_ratio = 1'100;
  } package;
  /// Languages enabled, by department; "*" is for those not named. Empty: all.
  std::map<std::string, std::vector<std::string>> languages;
};

/// From, later ones winning: defaults, the TOML file (`file` may be empty: none), the environment,
/// `overrides`
/// ("server.listen" → "…", from the command line). All that is wrong is in one error, a line each: the name,
/// what was expected, what was found, and where. Errors: invalid_argument, not_found (the file), io.
Result<Settings> load(const std::filesystem::path& file,
                      const std::map<std::string, std::string>& environment,
                      const std::map<std::string, std::string>& overrides);

/// Where a server listens.
struct Endpoint {
  std::string address;  // an IPv4 or IPv6 address without brackets, or "localhost"
  std::uint16_t port = 0;
};
/// Reads "127.0.0.1:8080", "[::1]:8080", "localhost:8080". nullopt for anything else.
std::optional<Endpoint> parse_endpoint(std::string_view text);

/// One row of the table, for `waybill serve --help`, the docs and the example file.
struct Row {
  std::string_view name, unit, default_value, effect;
  std::string_view environment;  // "WAYBILL_SERVER_LISTEN"
};
/// Every setting, in the order of the example file; the views live as long as the program. Any thread.
std::vector<Row> table();

}  // namespace waybill::config
