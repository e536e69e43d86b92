#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace waybill {

/// SHA-256 (FIPS 180-4): names content wherever Waybill compares or keeps it by what it is.
using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
/// 64 lower-case hex digits.
std::string to_hex(const Sha256& hash);
/// The 32 bytes as a view that lives as long as `hash`.
inline std::string_view as_bytes(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

/// SHA-256 of bytes that come in pieces. One thread at a time.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  void update(std::string_view bytes);
  /// Its length and then itself: no two lists of parts give the same hash.
  void update_part(std::string_view part);
  /// Once; the stream is used up.
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `count` bytes from the operating system's random numbers.
std::string random_bytes(std::size_t count);

/// True where equal, in a time that does not depend on where they differ.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace waybill
