#include "storage/packed.h"

#include <libdeflate.h>

#include <memory>
#include <new>
#include <utility>

#include "base/free_with.h"

namespace waybill::storage {

namespace {

constexpr int kFastest = 1;

using Compressor = std::unique_ptr<libdeflate_compressor, FreeWith<libdeflate_free_compressor>>;
using Decompressor = std::unique_ptr<libdeflate_decompressor, FreeWith<libdeflate_free_decompressor>>;

}  // namespace

knowledge::Packed pack(std::string_view text) {
  thread_local const Compressor compressor(libdeflate_alloc_compressor(kFastest));
  if (!compressor) throw std::bad_alloc();
  std::string packed(libdeflate_deflate_compress_bound(compressor.get(), text.size()), '\0');
  packed.resize(
      libdeflate_deflate_compress(compressor.get(), text.data(), text.size(), packed.data(), packed.size()));
  packed.shrink_to_fit();
  return {std::move(packed), text.size()};
}

Result<std::string> unpack(std::string_view packed, std::optional<std::int64_t> size) {
  if (!size) return std::string(packed);
  thread_local const Decompressor decompressor(libdeflate_alloc_decompressor());
  if (!decompressor) throw std::bad_alloc();
  std::string text(static_cast<std::size_t>(*size), '\0');
  if (libdeflate_deflate_decompress(decompressor.get(), packed.data(), packed.size(), text.data(),
                                    text.size(), nullptr) != LIBDEFLATE_SUCCESS) {
    return Error{ErrorCode::corrupt, "a kept article cannot be unpacked: the database is damaged"};
  }
  return text;
}

}  // namespace waybill::storage
