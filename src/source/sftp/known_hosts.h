#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "source/sftp/sftp.h"

namespace waybill::source {

/// A host's public key.
struct HostKey {
  std::string type;  // "ssh-ed25519"
  std::string blob;  // RFC 4253, 6.6
  /// "SHA256:" and base64 without padding, as ssh-keygen -l shows it.
  std::string fingerprint() const;
};

/// A key of a known-hosts file.
struct KnownKey {
  HostKey key;
  int line = 0;
  bool revoked = false;
};

/// The keys that a known-hosts file's text has for the host: plain, hashed, with patterns, as [host]:port
/// where the port is not 22. Certificate authorities and lines that cannot be read are passed over.
std::vector<KnownKey> known_keys(std::string_view text, const std::string& host, std::uint16_t port);

/// The algorithms to ask the host for, best first: those of the keys that are known before the others.
std::string host_key_algorithms(const std::vector<KnownKey>& known);

/// The file's keys for the host; a file that is not there has none. Errors: io, permission_denied.
Result<std::vector<KnownKey>> load_known_keys(const std::filesystem::path& file, const SftpAddress& address);

/// Whether the host may be talked to that showed `key`; a new one is written to the file, durable, where
/// the options say so. Errors: permission_denied (unknown, changed, revoked: says what to do), io, no_space.
Result<void> check_host_key(const HostKey& key, const SftpAddress& address, const SftpOptions& options);

}  // namespace waybill::source
