#include "source/sftp/private_key.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.h"

namespace waybill::source {

namespace {

constexpr std::string_view kOpenSsh = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kOpenSshEnd = "-----END OPENSSH PRIVATE KEY-----";
// A tenth of a second each ten or so, which no cancelling ends; ssh-keygen makes 16 or 24.
constexpr std::uint32_t kMaxRounds = 1'000;

Error refuse(const std::string& why) {
  return {ErrorCode::invalid_argument, "The private key of the SFTP source " + why + "."};
}

/// Only blanks around it and CR before LF differ: what copying and JSON do to a key.
Secret normal(const Secret& key) {
  std::string out;
  out.reserve(key.reveal().size() + 1);  // in one piece: none is left behind unwiped
  const std::string_view given = key.reveal();
  const auto begin = std::min(given.find_first_not_of(kBlanks), given.size());
  const auto end = given.find_last_not_of(kBlanks) + 1;  // 0 where there are blanks alone
  for (const char c : given.substr(begin, end - std::min(begin, end))) {
    if (c != '\r') out += c;
  }
  out += '\n';
  return Secret(std::move(out));
}

/// Reads RFC 4251 section 5 strings from the public head of an OpenSSH key.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}
  std::optional<std::uint32_t> number() {
    if (rest_.size() < 4) return std::nullopt;
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(rest_[std::size_t(i)]);
    rest_.remove_prefix(4);
    return value;
  }
  std::optional<std::string_view> string() {
    const auto size = number();
    if (!size || *size > rest_.size()) return std::nullopt;
    const auto out = rest_.substr(0, *size);
    rest_.remove_prefix(*size);
    return out;
  }

 private:
  std::string_view rest_;
};

/// Whether an OpenSSH key (PROTOCOL.key) is encrypted; nullopt where it is damaged or would take too long.
std::optional<bool> openssh_encrypted(std::string_view text) {
  const auto end = text.find(kOpenSshEnd);
  if (end == std::string_view::npos) return std::nullopt;
  std::string joined;
  joined.reserve(text.size());
  for (const char c : text.substr(kOpenSsh.size(), end - kOpenSsh.size())) {
    if (c != '\n' && c != ' ' && c != '\t') joined += c;
  }
  const Secret packed(std::move(joined));
  auto decoded = base64_decode(packed.reveal());
  if (!decoded) return std::nullopt;
  const Secret bytes(std::move(*decoded));
  constexpr std::string_view kMagic("openssh-key-v1\0", 15);
  if (!bytes.reveal().starts_with(kMagic)) return std::nullopt;
  Fields fields(bytes.reveal().substr(kMagic.size()));
  const auto cipher = fields.string();
  const auto derivation = fields.string();
  const auto options = fields.string();
  if (!cipher || !derivation || !options) return std::nullopt;
  if (*cipher == "none") return false;
  Fields inner(*options);
  const auto salt = inner.string();
  const auto rounds = inner.number();
  if (!salt || !rounds || *rounds > kMaxRounds) return std::nullopt;
  return true;
}

/// Whether the key is encrypted.
Result<bool> look_at(std::string_view text) {
  if (text.starts_with("PuTTY-User-Key-File"))
    return refuse("is in PuTTY's format: export it as an OpenSSH key");
  if (text.starts_with("ssh-") || text.starts_with("ecdsa-"))
    return refuse("is a public key: the private key stands in the file without .pub");
  if (text.starts_with(kOpenSsh)) {
    const auto encrypted = openssh_encrypted(text);
    if (!encrypted) return refuse("is damaged, or has more than 1000 rounds of key derivation");
    return *encrypted;
  }
  const std::string_view line = text.substr(0, text.find('\n'));
  if (!line.starts_with("-----BEGIN ") || line.find("PRIVATE KEY-----") == std::string_view::npos)
    return refuse("is not the text of a key file, which begins with '-----BEGIN … PRIVATE KEY-----'");
  return line.find("ENCRYPTED") != std::string_view::npos ||
         text.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos;
}

}  // namespace

Result<void> check_private_key_form(const Secret& key, bool has_passphrase) {
  const Secret text = normal(key);
  WB_TRY(const bool encrypted, look_at(text.reveal()));
  if (encrypted && !has_passphrase) return refuse("is encrypted, and no 'passphrase' is given");
  return {};
}

Result<OwnedKey> read_private_key(const Secret& key, const Secret& passphrase) {
  WB_CHECK_OK(check_private_key_form(key, !passphrase.empty()));
  const Secret text = normal(key);
  WB_TRY(const bool encrypted, look_at(text.reveal()));
  ssh_key read = nullptr;
  // Both views end at a NUL: they are of whole strings.
  const int done = ssh_pki_import_privkey_base64(
      text.reveal().data(), encrypted ? passphrase.reveal().data() : nullptr, nullptr, nullptr, &read);
  OwnedKey owned(read);
  if (done == SSH_OK && owned) return owned;
  if (encrypted) return refuse("does not open with the passphrase given, which is wrong or of another key");
  return refuse("cannot be read: it is damaged, or of a kind other than Ed25519, ECDSA and RSA");
}

}  // namespace waybill::source
