#include "source/spool_chunks.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace waybill::source {

namespace {

constexpr std::size_t kChunk = SpoolOptions::kChunk;
constexpr std::size_t kRecord = 8 + 32;                  // a chunk's number, little-endian, and its SHA-256
constexpr std::uint64_t kMostList = 256ULL << 20;        // far more than 16 TiB of chunks need
constexpr std::string_view kForm = "waybill-spool-1\n";  // changes when the files' form does

std::array<char, kRecord> record_of(std::size_t chunk, const Sha256& hash) {
  std::array<char, kRecord> record{};
  for (std::size_t i = 0; i < 8; ++i)
    record[i] = static_cast<char>((std::uint64_t{chunk} >> (8 * i)) & 0xFFU);
  std::memcpy(record.data() + 8, hash.data(), hash.size());
  return record;
}

std::pair<std::size_t, Sha256> read_record(std::string_view record) {
  std::uint64_t chunk = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    chunk |= std::uint64_t{static_cast<unsigned char>(record[i])} << (8 * i);
  }
  Sha256 hash{};
  std::memcpy(hash.data(), record.data() + 8, hash.size());
  return {static_cast<std::size_t>(chunk), hash};
}

Result<FileDescriptor> open_file(const std::filesystem::path& path, int flags) {
  FileDescriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
  if (!fd) return errno_error("cannot open the spool " + path.string(), errno);
  return fd;
}

}  // namespace

Result<SpoolChunks> SpoolChunks::open(const SpoolOptions& options, std::string_view identity,
                                      std::uint64_t size) {
  std::error_code failed;
  std::filesystem::create_directories(options.folder, failed);  // what fails here fails again below
  SpoolChunks chunks;
  chunks.data_path_ = options.folder / (options.name + ".data");
  chunks.list_path_ = options.folder / (options.name + ".chunks");
  chunks.size_ = size;
  const std::string head = std::string(kForm) + to_hex(sha256(identity)) + " " + std::to_string(size) + "\n";
  WB_TRY(chunks.data_, open_file(chunks.data_path_, 0));
  WB_TRY(chunks.list_, open_file(chunks.list_path_, O_APPEND));
  WB_CHECK_OK(chunks.load(head));
  return chunks;
}

Result<void> SpoolChunks::load(std::string_view head) {
  const auto text = read_file(list_path_, kMostList);
  const bool same = text && text->starts_with(head);
  const std::size_t records = same ? (text->size() - head.size()) / kRecord : 0;  // the last may be torn
  for (std::size_t i = 0; i < records; ++i) {
    const auto [chunk, hash] =
        read_record(std::string_view(*text).substr(head.size() + i * kRecord, kRecord));
    if (begin_of(chunk) < size_) left_behind_.insert_or_assign(chunk, hash);
  }
  const auto kept = same ? head.size() + records * kRecord : 0;
  const auto data_size = same ? static_cast<off_t>(size_) : 0;
  if (::ftruncate(list_.get(), static_cast<off_t>(kept)) != 0 || ::ftruncate(data_.get(), data_size) != 0 ||
      ::ftruncate(data_.get(), static_cast<off_t>(size_)) != 0) {
    return errno_error("cannot make the spool " + data_path_.string(), errno);
  }
  return same ? Result<void>() : write_all(list_.get(), head, list_path_.string());
}

std::size_t SpoolChunks::size_of(std::size_t chunk) const {
  return static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, size_ - begin_of(chunk)));
}

std::vector<std::size_t> SpoolChunks::left_behind() const {
  std::vector<std::size_t> all;
  for (const auto& [chunk, hash] : left_behind_) all.push_back(chunk);
  return all;
}

bool SpoolChunks::is_whole(std::size_t chunk) const {
  const auto known = left_behind_.find(chunk);
  if (known == left_behind_.end()) return false;
  std::string bytes(size_of(chunk), '\0');
  return read(begin_of(chunk), bytes) && sha256(bytes) == known->second;
}

Result<void> SpoolChunks::put(std::size_t chunk, std::span<const char> bytes) {
  const std::uint64_t begin = begin_of(chunk);
  for (std::size_t done = 0; done < bytes.size();) {
    const auto wrote =
        ::pwrite(data_.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(begin + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error("cannot keep the fetched package in " + data_path_.string(), errno);
    done += static_cast<std::size_t>(wrote);
  }
  const auto record = record_of(chunk, sha256({bytes.data(), bytes.size()}));
  return write_all(list_.get(), {record.data(), record.size()}, list_path_.string());
}

Result<void> SpoolChunks::read(std::uint64_t offset, std::span<char> into) const {
  for (std::size_t done = 0; done < into.size();) {
    const auto got =
        ::pread(data_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return errno_error("cannot read the spool " + data_path_.string(), got < 0 ? errno : EIO);
    done += static_cast<std::size_t>(got);
  }
  return {};
}

void SpoolChunks::remove() const {
  ::unlink(list_path_.c_str());  // first: data without its list is nothing, and swept
  ::unlink(data_path_.c_str());
}

}  // namespace waybill::source
