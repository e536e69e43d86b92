#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/egress.h"
#include "net/retry.h"
#include "source/source.h"

namespace waybill::source {

constexpr std::uint16_t kSshPort = 22;

/// What an sftp URI names.
struct SftpAddress {
  std::string host;  // lower case, without brackets
  std::uint16_t port = kSshPort;
  std::string path;  // as the server gets it: absolute, or relative to the home directory ("." is that)
  std::string uri;   // as people see it
};

/// sftp://host[:port]/path (draft-ietf-secsh-scp-sftp-ssh-uri-04, without user and parameters),
/// percent-decoded; /~/path is below the home directory. Errors: invalid_argument.
Result<SftpAddress> parse_sftp_uri(std::string_view uri);

/// How to log in: with the key where there is one, and with the password where there is one and it is asked
/// for.
struct SftpCredentials {
  std::string username;
  Secret password;
  Secret private_key;  // the text of a key file, PEM or OpenSSH's format
  Secret passphrase;   // of private_key
};

/// From a request's credentials: username with password or privateKey (+ passphrase). Looks at a key's form
/// only, so it is quick. Errors: invalid_argument; no message holds a value.
Result<SftpCredentials> read_sftp_credentials(std::string_view json);

/// What to do with a host that the known-hosts file does not have.
enum class UnknownHost : std::uint8_t {
  refuse,
  accept_new,  // its key is written to the file; from then on it must not change
};

struct SftpOptions {
  net::Egress egress;
  std::filesystem::path known_hosts;  // sshd(8), SSH_KNOWN_HOSTS FILE FORMAT
  UnknownHost unknown_host = UnknownHost::refuse;
  std::size_t connections = 2;           // at once, for one source
  Milliseconds connect_timeout{30'000};  // until the server has let us in
  Milliseconds stall_timeout{60'000};    // without a byte from the server while we wait for one
  net::Retry::Limits retry;              // of broken connections without progress between them
};

/// Whether an error is about the host's key (unknown, changed, revoked): nothing but the known-hosts file
/// mends it.
bool is_host_key_error(const Error& error);

/// A package on an SFTP server (draft-ietf-secsh-filexfer-02). Nothing is sent before the first call. Its log
/// goes to `logs/` in the folder that holds the file, or inside where the path is a folder. A connection that
/// breaks is made anew, and a read goes on at the byte where it stopped; a file whose size or modification
/// time is then another is unavailable. Beside the interface's errors: permission_denied (log in, host key,
/// address not allowed), invalid_argument (the private key), unavailable, timeout.
Result<std::unique_ptr<Source>> open_sftp(const SftpAddress& address, const SftpCredentials& credentials,
                                          const SftpOptions& options);

}  // namespace waybill::source
