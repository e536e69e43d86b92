#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace waybill::storage {

/// Seals secrets that have to be kept (source credentials, private signing keys), so that who has the
/// database without the key file has nothing: XChaCha20-Poly1305 with a random nonce. Any thread.
class Sealer {
 public:
  /// 32 bytes.
  static constexpr std::size_t kKeyBytes = 32;

  explicit Sealer(Secret key);

  /// Reads the key file. Errors: not_found, permission_denied, io, corrupt (not 32 bytes long).
  static Result<Sealer> load(const std::filesystem::path& key_file);
  /// Makes a new random key, readable by its owner alone, and makes it durable. Never replaces a file.
  /// Errors: already_exists, permission_denied, no_space, io.
  static Result<Sealer> create(const std::filesystem::path& key_file);

  /// `context` says what it is for ("job 7A84…"): what was sealed for one thing does not open as another.
  std::string seal(std::string_view plain, std::string_view context) const;
  /// Errors: corrupt (another key, another context, or changed bytes).
  Result<Secret> open(std::string_view sealed, std::string_view context) const;

 private:
  Secret key_;
};

}  // namespace waybill::storage
