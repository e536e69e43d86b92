#include "packed.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

namespace waybill::bench {

namespace {

// APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::string_view kEndSignature = "PK\x05\x06";
constexpr std::string_view kEntrySignature = "PK\x01\x02";

std::size_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::size_t value = 0;
  for (std::size_t i = width; i > 0; --i)
    value = value << 8U | static_cast<unsigned char>(bytes.at(at + i - 1));
  return value;
}

}  // namespace

void give_up(const std::string& why) {
  std::cerr << "bench: " << why << '\n';
  std::exit(1);
}

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Packed::Packed(const char* path) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0) give_up(std::string("cannot open ") + path);
  const auto size = static_cast<std::size_t>(info.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  ::close(fd);
  if (data == MAP_FAILED) give_up(std::string("cannot map ") + path);
  bytes_ = {static_cast<const char*>(data), size};
  const auto end = bytes_.rfind(kEndSignature);
  if (end == std::string_view::npos || end + kEndBytes > size) give_up(std::string(path) + " is no zip");
  const std::size_t count = number(bytes_, end + 10, 2);
  std::size_t at = number(bytes_, end + 16, 4);
  while (at + kEntryBytes <= end && bytes_.substr(at, 4) == kEntrySignature) {
    const std::size_t name = number(bytes_, at + 28, 2);
    const std::size_t packed = number(bytes_, at + 20, 4);
    const std::size_t local = number(bytes_, at + 42, 4);
    const std::size_t data_at =
        local + kLocalBytes + number(bytes_, local + 26, 2) + number(bytes_, local + 28, 2);
    files_.push_back({std::string(bytes_.substr(at + kEntryBytes, name)), bytes_.substr(data_at, packed),
                      number(bytes_, at + 24, 4), static_cast<std::uint32_t>(number(bytes_, at + 16, 4)),
                      number(bytes_, at + 10, 2) == 8});
    at += kEntryBytes + name + number(bytes_, at + 30, 2) + number(bytes_, at + 32, 2);
  }
  constexpr std::size_t kInZip64 = 0xffff;  // the count is elsewhere (section 4.4.1.4)
  if (files_.size() != count && count != kInZip64) {
    give_up(std::string(path) + " has a directory that this cannot read");
  }
}

Packed::~Packed() {
  ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

Inflater::Inflater() : state_(libdeflate_alloc_decompressor()) {}

Inflater::~Inflater() {
  libdeflate_free_decompressor(static_cast<libdeflate_decompressor*>(state_));
}

void Inflater::inflate(const PackedFile& file, std::string& into) {
  into.resize(file.size);
  if (!file.deflated) {
    into.assign(file.packed);
  } else if (libdeflate_deflate_decompress(static_cast<libdeflate_decompressor*>(state_), file.packed.data(),
                                           file.packed.size(), into.data(), into.size(),
                                           nullptr) != LIBDEFLATE_SUCCESS) {
    give_up(file.name + " is damaged");
  }
  if (libdeflate_crc32(0, into.data(), into.size()) != file.crc) give_up(file.name + " is damaged");
}

}  // namespace waybill::bench
