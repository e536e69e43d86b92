#include "source/sftp/known_hosts.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/files.h"
#include "base/hash.h"
#include "base/text.h"
#include "source/sftp/host_name.h"

namespace waybill::source {

namespace {

constexpr std::uint64_t kMaxFile = 64ULL << 20;
constexpr mode_t kFileMode = 0600;

// What libssh 0.10 can check, best first; RFC 8332 for RSA keys.
constexpr std::array<std::string_view, 6> kAlgorithms{"ssh-ed25519",         "ecdsa-sha2-nistp256",
                                                      "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
                                                      "rsa-sha2-512",        "rsa-sha2-256"};

/// sshd(8): '*' any characters, '?' one.
bool fits(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, after = 0;
  while (n < name.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p, ++n;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after = n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++after;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// "|1|salt|hash": HMAC-SHA1 of the name under the salt.
bool fits_hashed(std::string_view entry, std::string_view name) {
  const auto parts = split(entry, '|');
  if (parts.size() != 4 || parts[1] != "1") return false;
  const auto salt = base64_decode(parts[2]);
  const auto hash = base64_decode(parts[3]);
  if (!salt || !hash) return false;
  std::array<unsigned char, EVP_MAX_MD_SIZE> made{};
  unsigned size = 0;
  if (HMAC(EVP_sha1(), salt->data(), static_cast<int>(salt->size()),
           reinterpret_cast<const unsigned char*>(name.data()), name.size(), made.data(), &size) == nullptr)
    return false;
  return *hash == std::string_view(reinterpret_cast<const char*>(made.data()), size);
}

bool names_host(std::string_view field, std::string_view name) {
  if (field.starts_with('|')) return fits_hashed(field, name);
  bool found = false;
  for (std::string_view pattern : split(field, ',')) {
    const bool negated = pattern.starts_with('!');
    if (negated) pattern.remove_prefix(1);
    if (!fits(to_lower(pattern), name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/// RFC 4648, 4, padded.
std::string base64(std::string_view bytes) {
  std::string out = base64url_encode(bytes);
  std::replace(out.begin(), out.end(), '-', '+');
  std::replace(out.begin(), out.end(), '_', '/');
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::string_view next_field(std::string_view& line) {
  line = trim(line);
  const auto end = std::min(line.find_first_of(" \t"), line.size());
  const auto field = line.substr(0, end);
  line.remove_prefix(end);
  return field;
}

bool is_rsa(std::string_view algorithm) {
  return algorithm.starts_with("rsa-");
}

constexpr std::string_view kHostKey = "host key";  // the detail of errors about it

Error refusal(std::string message) {
  return {ErrorCode::permission_denied, std::move(message), std::string(kHostKey)};
}

Error changed(const HostKey& found, const KnownKey& expected, const SftpAddress& address,
              const std::string& file) {
  const bool same_type = found.type == expected.key.type;
  return refusal("The host key of " + shown_host(address) + " has changed: it shows the " + found.type +
                 " key " + found.fingerprint() + ", but line " + std::to_string(expected.line) + " of " +
                 file + " has the " + expected.key.type + " key " + expected.key.fingerprint() +
                 ". Somebody may stand between; where the host's owner confirms the new key, the operator " +
                 (same_type ? "replaces that line." : "replaces that line, or adds one with the new key."));
}

Error unknown(const HostKey& found, const SftpAddress& address, const std::string& file) {
  return refusal(
      "The host " + shown_host(address) + " is not known: it shows the " + found.type + " key " +
      found.fingerprint() + ", and " + file +
      " has no key of it. Once the host's owner confirms the key, the operator adds it there as '" +
      known_name(address.host, address.port) + " " + found.type +
      " …' (ssh-keyscan prints the line), or sets sftp.unknown_host to "
      "\"accept-new\".");
}

/// Nothing where the key is known; whether it is new otherwise.
Result<bool> is_new(const HostKey& key, const std::vector<KnownKey>& known, const SftpAddress& address,
                    const std::string& file) {
  for (const KnownKey& each : known) {
    if (each.revoked && each.key.blob == key.blob)
      return refusal("The host " + shown_host(address) + " shows the " + key.type + " key " +
                     key.fingerprint() + ", which line " + std::to_string(each.line) + " of " + file +
                     " revokes.");
  }
  const KnownKey* other = nullptr;
  for (const KnownKey& each : known) {
    if (each.revoked) continue;
    if (each.key.blob == key.blob) return false;
    if (other == nullptr || (each.key.type == key.type && other->key.type != key.type)) other = &each;
  }
  if (other != nullptr) return changed(key, *other, address, file);
  return true;
}

/// The file, made where it is missing, locked against other writers until it is closed.
Result<FileDescriptor> open_locked(const std::filesystem::path& file) {
  FileDescriptor fd(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode));
  if (!fd) return errno_error("cannot open the known-hosts file " + file.string(), errno);
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return errno_error("cannot lock " + file.string(), errno);
  }
  return fd;
}

Result<void> accept(const HostKey& key, const SftpAddress& address, const std::filesystem::path& file) {
  WB_TRY(const auto fd, open_locked(file));
  // Another may have written a key since ours was compared.
  WB_TRY(const std::string text, read_file(file, kMaxFile));
  WB_TRY(const bool fresh, is_new(key, known_keys(text, address.host, address.port), address, file.string()));
  if (!fresh) return {};
  const std::string line = (text.empty() || text.ends_with('\n') ? "" : "\n") +
                           known_name(address.host, address.port) + " " + key.type + " " + base64(key.blob) +
                           "\n";
  WB_CHECK_OK(write_all(fd.get(), line, file.string()));
  if (::fsync(fd.get()) != 0) return errno_error("cannot sync " + file.string(), errno);
  return sync_folder(file.has_parent_path() ? file.parent_path() : ".");
}

}  // namespace

std::string HostKey::fingerprint() const {
  std::string text = base64(as_bytes(sha256(blob)));
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

std::vector<KnownKey> known_keys(std::string_view text, const std::string& host, std::uint16_t port) {
  const std::string name = known_name(host, port);
  std::vector<KnownKey> out;
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    std::string_view field = next_field(line);
    if (field.empty() || field.starts_with('#') || field == "@cert-authority") continue;
    const bool revoked = field == "@revoked";
    if (revoked) field = next_field(line);
    if (!names_host(field, name)) continue;
    const std::string type(next_field(line));
    auto blob = base64_decode(next_field(line));
    if (!blob || blob->empty()) continue;
    out.push_back({{type, std::move(*blob)}, number, revoked});
  }
  return out;
}

std::string host_key_algorithms(const std::vector<KnownKey>& known) {
  const auto is_known = [&](std::string_view algorithm) {
    return std::any_of(known.begin(), known.end(), [&](const KnownKey& each) {
      return !each.revoked &&
             (each.key.type == algorithm || (each.key.type == "ssh-rsa" && is_rsa(algorithm)));
    });
  };
  auto order = kAlgorithms;
  std::stable_partition(order.begin(), order.end(), is_known);
  std::string out;
  for (const auto algorithm : order) out += (out.empty() ? "" : ",") + std::string(algorithm);
  return out;
}

Result<std::vector<KnownKey>> load_known_keys(const std::filesystem::path& file, const SftpAddress& address) {
  const auto text = read_file(file, kMaxFile);
  if (text) return known_keys(*text, address.host, address.port);
  if (text.error().code == ErrorCode::not_found) return std::vector<KnownKey>();
  return text.error();
}

bool is_host_key_error(const Error& error) {
  return error.code == ErrorCode::permission_denied && error.detail == kHostKey;
}

Result<void> check_host_key(const HostKey& key, const SftpAddress& address, const SftpOptions& options) {
  WB_TRY(const auto known, load_known_keys(options.known_hosts, address));
  WB_TRY(const bool fresh, is_new(key, known, address, options.known_hosts.string()));
  if (!fresh) return {};
  if (options.unknown_host == UnknownHost::refuse) return unknown(key, address, options.known_hosts.string());
  return accept(key, address, options.known_hosts);
}

}  // namespace waybill::source
