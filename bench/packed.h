#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::bench {

/// A file in a zip: where its packed bytes are.
struct PackedFile {
  std::string name;
  std::string_view packed;
  std::size_t size = 0;
  std::uint32_t crc = 0;
  bool deflated = false;
};

/// A zip in memory and its files, in the order of the directory. Reads what bench/run.py has made: no zip64,
/// no checks beyond what keeps this program from crashing. Exits with a message where it cannot.
class Packed {
 public:
  explicit Packed(const char* path);
  ~Packed();
  Packed(const Packed&) = delete;
  Packed& operator=(const Packed&) = delete;
  const std::vector<PackedFile>& files() const { return files_; }

 private:
  std::string_view bytes_;
  std::vector<PackedFile> files_;
};

/// libdeflate, as a whole, with the checksum computed as any reader must.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  void inflate(const PackedFile& file, std::string& into);

 private:
  void* state_;
};

[[noreturn]] void give_up(const std::string& why);
/// Seconds of a clock that never goes back.
double seconds();

}  // namespace waybill::bench
