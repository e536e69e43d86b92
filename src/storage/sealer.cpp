#include "storage/sealer.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/files.h"
#include "base/hash.h"

namespace waybill::storage {

namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(Sealer::kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Sealer::Sealer(Secret key) : key_(std::move(key)) {
  // Fails only where the system has no random numbers; a key of another length is a defect of the caller.
  if (sodium_init() < 0 || key_.reveal().size() != kKeyBytes) std::abort();
}

Result<Sealer> Sealer::load(const std::filesystem::path& key_file) {
  WB_TRY(std::string key, read_file(key_file, 4096));
  if (key.size() != kKeyBytes) {
    return Error{ErrorCode::corrupt, "the key file " + key_file.string() + " should hold " +
                                         std::to_string(kKeyBytes) + " bytes and holds " +
                                         std::to_string(key.size()) + ": put back the original file"};
  }
  return Sealer(Secret(std::move(key)));
}

Result<Sealer> Sealer::create(const std::filesystem::path& key_file) {
  const std::string what = "cannot make the key file " + key_file.string();
  // Whole before it has its name, so that no crash leaves half a key; link(2) refuses where one is there.
  const std::string temporary = key_file.string() + ".new";
  ::unlink(temporary.c_str());
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return errno_error(what, errno);
  Secret key(random_bytes(kKeyBytes));
  auto written = write_all(file.get(), key.reveal(), temporary);
  if (written && ::fsync(file.get()) != 0) written = errno_error(what, errno);
  if (written && ::link(temporary.c_str(), key_file.c_str()) != 0) written = errno_error(what, errno);
  ::unlink(temporary.c_str());
  WB_CHECK_OK(std::move(written));
  WB_CHECK_OK(sync_folder(key_file.parent_path()));
  return Sealer(std::move(key));
}

std::string Sealer::seal(std::string_view plain, std::string_view context) const {
  std::string sealed = random_bytes(kNonceBytes);
  sealed.resize(kNonceBytes + plain.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(sealed) + kNonceBytes, nullptr, bytes(plain), plain.size(),
                                             bytes(context), context.size(), nullptr, bytes(sealed),
                                             bytes(key_.reveal()));
  return sealed;
}

Result<Secret> Sealer::open(std::string_view sealed, std::string_view context) const {
  const Error wrong{
      ErrorCode::corrupt,
      "a sealed value does not open: it was sealed with another key, or its bytes have changed"};
  if (sealed.size() < kNonceBytes + kTagBytes) return wrong;
  std::string plain(sealed.size() - kNonceBytes - kTagBytes, '\0');
  const std::string_view boxed = sealed.substr(kNonceBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(plain), nullptr, nullptr, bytes(boxed), boxed.size(),
                                                 bytes(context), context.size(), bytes(sealed),
                                                 bytes(key_.reveal())) != 0) {
    return wrong;
  }
  return Secret(std::move(plain));
}

}  // namespace waybill::storage
