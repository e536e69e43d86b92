#pragma once

// For tests alone: zips written byte by byte, so that every field can be wrong, and sources in memory.

#include <libdeflate.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "source/source.h"

namespace waybill::package::test {

inline std::string le(std::uint64_t value, std::size_t length) {
  std::string bytes;
  for (std::size_t i = 0; i < length; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
  return bytes;
}

inline std::string extra_field(std::uint16_t id, const std::string& body) {
  return le(id, 2) + le(body.size(), 2) + body;
}

inline std::uint32_t crc(const std::string& bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

inline std::string deflate(const std::string& bytes) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string packed(libdeflate_deflate_compress_bound(compressor, bytes.size()), '\0');
  packed.resize(
      libdeflate_deflate_compress(compressor, bytes.data(), bytes.size(), packed.data(), packed.size()));
  libdeflate_free_compressor(compressor);
  return packed;
}

/// One entry. What is set overrides what a correct tool would write.
struct ZipEntry {
  std::string name;
  std::string data;
  std::uint16_t method = 8;
  std::uint16_t flags = 0x800;
  std::uint16_t made_by = 0x031E;
  std::uint32_t mode = 0100644;
  bool descriptor = false;
  bool zip64 = false;
  std::string extra = {}, local_extra = {};
  std::optional<std::string> packed = {}, local_name = {};
  std::optional<std::uint16_t> local_method = {}, local_flags = {};
  std::optional<std::uint32_t> checksum = {}, local_checksum = {};
  std::optional<std::uint64_t> size = {}, packed_size = {}, header = {};
};

struct ZipOptions {
  std::string comment, prefix;
  bool prefix_counted = true;
  bool zip64 = false;
  std::string between;  // between the directory and the end records
  std::optional<std::uint64_t> count, disk, directory_size, directory_offset;
};

class ZipBuilder {
 public:
  explicit ZipBuilder(ZipOptions options = {}) : options_(std::move(options)), bytes_(options_.prefix) {}

  ZipBuilder& add(const ZipEntry& entry) {
    const std::uint64_t header = bytes_.size() - (options_.prefix_counted ? 0 : options_.prefix.size());
    const std::string packed = entry.packed.value_or(entry.method == 8 ? deflate(entry.data) : entry.data);
    const std::uint64_t size = entry.size.value_or(entry.data.size());
    const std::uint64_t packed_size = entry.packed_size.value_or(packed.size());
    const std::uint32_t checksum = entry.checksum.value_or(crc(entry.data));
    const std::uint16_t flags = static_cast<std::uint16_t>(entry.flags | (entry.descriptor ? 8U : 0U));
    const bool is64 = entry.zip64;
    const std::string extra =
        (is64 ? extra_field(1, le(size, 8) + le(packed_size, 8) + le(entry.header.value_or(header), 8))
              : "") +
        entry.extra;
    const std::string local_extra =
        (is64 ? extra_field(1, le(size, 8) + le(packed_size, 8)) : "") + entry.local_extra;

    const std::string local_name = entry.local_name.value_or(entry.name);
    const auto shown = [&](std::uint64_t number) {
      return le(entry.descriptor ? 0 : is64 ? 0xFFFFFFFF : number, 4);
    };
    bytes_ += "PK\x03\x04" + le(20, 2) + le(entry.local_flags.value_or(flags), 2) +
              le(entry.local_method.value_or(entry.method), 2) + le(0, 4) +
              le(entry.descriptor ? 0 : entry.local_checksum.value_or(checksum), 4) + shown(packed_size) +
              shown(size) + le(local_name.size(), 2) + le(local_extra.size(), 2) + local_name + local_extra +
              packed;
    if (entry.descriptor) bytes_ += "PK\x07\x08" + le(checksum, 4) + le(packed_size, 4) + le(size, 4);

    directory_ += "PK\x01\x02" + le(entry.made_by, 2) + le(20, 2) + le(flags, 2) + le(entry.method, 2) +
                  le(0, 4) + le(checksum, 4) + le(is64 ? 0xFFFFFFFF : packed_size, 4) +
                  le(is64 ? 0xFFFFFFFF : size, 4) + le(entry.name.size(), 2) + le(extra.size(), 2) +
                  le(0, 2) + le(0, 2) + le(0, 2) + le(static_cast<std::uint64_t>(entry.mode) << 16U, 4) +
                  le(is64 ? 0xFFFFFFFF : entry.header.value_or(header), 4) + entry.name + extra;
    ++count_;
    return *this;
  }
  ZipBuilder& add(const std::string& name, const std::string& data = "x") {
    ZipEntry entry;
    entry.name = name;
    entry.data = data;
    return add(entry);
  }

  /// Offset that the next entry's local header will have.
  std::uint64_t next_header() const { return bytes_.size(); }

  std::string bytes() const {
    std::string out = bytes_;
    const std::uint64_t start = out.size() - (options_.prefix_counted ? 0 : options_.prefix.size());
    const std::uint64_t offset = options_.directory_offset.value_or(start);
    const std::uint64_t size = options_.directory_size.value_or(directory_.size());
    const std::uint64_t count = options_.count.value_or(count_);
    const std::uint64_t disk = options_.disk.value_or(0);
    out += directory_ + options_.between;
    if (options_.zip64) {
      const std::uint64_t record = out.size();
      out += "PK\x06\x06" + le(44, 8) + le(45, 2) + le(45, 2) + le(disk, 4) + le(0, 4) + le(count, 8) +
             le(count, 8) + le(size, 8) + le(offset, 8);
      out += "PK\x06\x07" + le(0, 4) + le(record, 8) + le(1, 4);
    }
    const bool z = options_.zip64;
    out += "PK\x05\x06" + le(z ? 0xFFFF : disk, 2) + le(z ? 0xFFFF : 0, 2) + le(z ? 0xFFFF : count, 2) +
           le(z ? 0xFFFF : count, 2) + le(z ? 0xFFFFFFFF : size, 4) + le(z ? 0xFFFFFFFF : offset, 4) +
           le(options_.comment.size(), 2) + options_.comment;
    return out;
  }

 private:
  ZipOptions options_;
  std::string bytes_, directory_;
  std::uint64_t count_ = 0;
};

class MemoryFile final : public source::RandomAccess {
 public:
  explicit MemoryFile(std::string bytes, std::string version = "1")
      : bytes_(std::move(bytes)), version_(std::move(version)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  std::string version() const override { return version_; }
  Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) const override {
    WB_CHECK_OK(context.check());
    if (offset > bytes_.size() || into.size() > bytes_.size() - offset)
      return Error{ErrorCode::corrupt, "read behind the end of the test's file"};
    if (!into.empty()) std::memcpy(into.data(), bytes_.data() + offset, into.size());
    return {};
  }

 private:
  std::string bytes_, version_;
};

/// Is asked to stop while a large piece of it is read.
class StoppedFile final : public source::RandomAccess {
 public:
  StoppedFile(std::string bytes, const Context& context) : file_(std::move(bytes)), context_(context) {}
  std::uint64_t size() const override { return file_.size(); }
  std::string version() const override { return file_.version(); }
  Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) const override {
    most_ = std::max(most_, into.size());
    auto done = file_.read(offset, into, context);
    if (into.size() > 1'000'000) context_.cancel();
    return done;
  }
  std::size_t most() const { return most_; }

 private:
  const MemoryFile file_;
  const Context& context_;
  mutable std::size_t most_ = 0;
};

/// A folder of files, or with the one path "" a file.
class MemorySource : public source::Source {
 public:
  struct File {
    std::string bytes;
    std::string version = "1";
  };
  std::string uri_ = "file:///share/folder";
  std::map<std::string, File> files_;

  std::string uri() const override { return uri_; }
  Result<std::vector<source::FileInfo>> list(const Context&) override {
    std::vector<source::FileInfo> list;
    for (const auto& [path, file] : files_) list.push_back({path, file.bytes.size(), file.version});
    return list;
  }
  Result<std::unique_ptr<source::RandomAccess>> open(const std::string& path, const Context&) override {
    const auto at = files_.find(path);
    if (at == files_.end()) return Error{ErrorCode::not_found, path + " is not there"};
    return std::unique_ptr<source::RandomAccess>(new MemoryFile(at->second.bytes, at->second.version));
  }
  std::string log_location(std::string_view) const override { return ""; }
  Result<std::string> put_log(std::string_view, const std::filesystem::path&, const Context&) override {
    return Error{ErrorCode::permission_denied, "no logs here"};
  }
  Result<void> remove_log(std::string_view, const Context&) override { return {}; }
};

}  // namespace waybill::package::test
