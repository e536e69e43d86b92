#include "package/zip_inflate.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/free_with.h"
#include "package/entry_path.h"
#include "package/zip_format.h"

namespace waybill::package::zip {

namespace {

constexpr std::size_t kPackedPiece = 64 * 1024;
constexpr std::size_t kPlainPiece = 256 * 1024;  // what ByteStream::next() gives at most

Error wrong_length(std::string_view name, std::uint64_t found, const Entry& entry) {
  return damaged(name, "it has " + std::to_string(found) + " bytes where the zip's directory says " +
                           std::to_string(entry.size));
}

Error longer_than_said(std::string_view name, const Entry& entry) {
  return damaged(
      name, "it has more than the " + std::to_string(entry.size) + " bytes that the zip's directory says");
}

Result<void> check_sum(std::string_view name, std::uint32_t found, const Entry& entry) {
  if (found == entry.checksum) return {};
  return damaged(name, "its checksum is " + std::to_string(found) + " where the zip's directory says " +
                           std::to_string(entry.checksum));
}

using Decompressor = std::unique_ptr<libdeflate_decompressor, FreeWith<libdeflate_free_decompressor>>;

libdeflate_decompressor& decompressor() {
  // 11 KiB, made once a thread.
  thread_local const Decompressor own(libdeflate_alloc_decompressor());
  if (!own) throw std::bad_alloc();
  return *own;
}

/// The packed bytes of an entry, piece by piece.
class PackedBytes {
 public:
  PackedBytes(const source::RandomAccess& file, std::uint64_t offset, std::uint64_t length)
      : file_(&file), next_(offset), left_(length) {}
  std::uint64_t left() const { return left_; }
  /// Fills `into`, at most to what is left.
  Result<std::size_t> read(std::span<char> into, const Context& context) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(left_, into.size()));
    WB_CHECK_OK(file_->read(next_, into.first(length), context));
    next_ += length;
    left_ -= length;
    return length;
  }

 private:
  const source::RandomAccess* file_;
  std::uint64_t next_;
  std::uint64_t left_;
};

class StoredStream final : public ByteStream {
 public:
  StoredStream(PackedBytes packed, const Entry& entry, std::string name, const Context& context)
      : packed_(packed), entry_(entry), name_(std::move(name)), context_(context) {}

  Result<bool> next(std::string& into) override {
    if (packed_.left() == 0) {
      WB_CHECK_OK(check_sum(name_, checksum_, entry_));
      return false;
    }
    const std::size_t before = into.size();
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(packed_.left(), kPlainPiece));
    into.resize(before + length);
    WB_CHECK_OK(packed_.read(std::span(into).subspan(before), context_));
    checksum_ = libdeflate_crc32(checksum_, into.data() + before, length);
    return true;
  }

 private:
  PackedBytes packed_;
  const Entry entry_;
  const std::string name_;
  const Context context_;
  std::uint32_t checksum_ = 0;
};

class InflateStream final : public ByteStream {
 public:
  InflateStream(PackedBytes packed, const Entry& entry, std::string name, const Context& context)
      : packed_(packed),
        entry_(entry),
        name_(std::move(name)),
        context_(context),
        input_(kPackedPiece, '\0') {
    // Negative: raw deflate, without zlib's own header.
    if (::inflateInit2(&state_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~InflateStream() override { ::inflateEnd(&state_); }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;

  Result<bool> next(std::string& into) override {
    if (ended_) return false;
    const std::size_t before = into.size();
    // One byte more than is said to be left, so that a longer entry shows itself.
    const auto room =
        static_cast<std::size_t>(std::min<std::uint64_t>(entry_.size - given_ + 1, kPlainPiece));
    into.resize(before + room);
    auto inflated = fill(std::span(into).subspan(before));
    into.resize(before + (inflated ? *inflated : 0));
    if (!inflated) return std::move(inflated).error();
    given_ += *inflated;
    checksum_ = libdeflate_crc32(checksum_, into.data() + before, *inflated);
    if (given_ > entry_.size) {
      into.resize(before);
      return longer_than_said(name_, entry_);
    }
    if (ended_) WB_CHECK_OK(check_end());
    return true;
  }

 private:
  /// Inflates until `into` is full or the deflate stream ends.
  Result<std::size_t> fill(std::span<char> into) {
    state_.next_out = reinterpret_cast<Bytef*>(into.data());
    state_.avail_out = static_cast<uInt>(into.size());
    while (state_.avail_out != 0 && !ended_) {
      if (state_.avail_in == 0) WB_CHECK_OK(refill());
      const int outcome = ::inflate(&state_, Z_NO_FLUSH);
      if (outcome == Z_MEM_ERROR) throw std::bad_alloc();
      if (outcome != Z_OK && outcome != Z_STREAM_END)
        return damaged(name_, "its deflate stream is broken after " + std::to_string(given_) + " bytes");
      ended_ = outcome == Z_STREAM_END;
    }
    return into.size() - state_.avail_out;
  }

  Result<void> refill() {
    if (packed_.left() == 0) return damaged(name_, "its deflate stream has no end");
    WB_TRY(const std::size_t length, packed_.read(input_, context_));
    state_.next_in = reinterpret_cast<Bytef*>(input_.data());
    state_.avail_in = static_cast<uInt>(length);
    return {};
  }

  Result<void> check_end() const {
    if (given_ != entry_.size) return wrong_length(name_, given_, entry_);
    if (state_.avail_in != 0 || packed_.left() != 0)
      return damaged(name_, "its deflate stream ends before its packed bytes do");
    return check_sum(name_, checksum_, entry_);
  }

  PackedBytes packed_;
  const Entry entry_;
  const std::string name_;
  const Context context_;
  std::string input_;
  z_stream state_{};
  std::uint64_t given_ = 0;
  std::uint32_t checksum_ = 0;
  bool ended_ = false;
};

}  // namespace

Error damaged(std::string_view name, std::string_view what) {
  return {ErrorCode::corrupt,
          printable_path(name) + " in the zip is damaged: " + std::string(what) + "; make the zip anew"};
}

Result<void> unpack(const Entry& entry, std::string_view name, std::string_view packed, std::string& into) {
  if (entry.method == kMethodStore) {
    into.assign(packed);
    return check_sum(name, libdeflate_crc32(0, into.data(), into.size()), entry);
  }
  into.resize(static_cast<std::size_t>(entry.size));
  std::size_t used = 0;
  std::size_t given = 0;
  switch (libdeflate_deflate_decompress_ex(&decompressor(), packed.data(), packed.size(), into.data(),
                                           into.size(), &used, &given)) {
    case LIBDEFLATE_SUCCESS:
      break;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      return longer_than_said(name, entry);
    default:
      return damaged(name, "its deflate stream is broken");
  }
  if (given != entry.size) return wrong_length(name, given, entry);
  if (used != packed.size()) return damaged(name, "its deflate stream ends before its packed bytes do");
  return check_sum(name, libdeflate_crc32(0, into.data(), into.size()), entry);
}

std::unique_ptr<ByteStream> make_stream(const source::RandomAccess& file, const Entry& entry,
                                        std::string_view name, std::uint64_t data, const Context& context) {
  const PackedBytes packed(file, data, entry.packed);
  if (entry.method == kMethodStore)
    return std::make_unique<StoredStream>(packed, entry, std::string(name), context);
  return std::make_unique<InflateStream>(packed, entry, std::string(name), context);
}

}  // namespace waybill::package::zip
