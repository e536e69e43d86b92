#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waybill::net {

/// An IP address. IPv4 is held as its IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2), so that the two spellings
/// of one address are one value.
class Address {
 public:
  static constexpr std::size_t kBytes = 16;

  /// "192.0.2.7", "2001:db8::1"; no brackets, no zone.
  static std::optional<Address> parse(std::string_view text);
  /// AF_INET or AF_INET6; otherwise nothing.
  static std::optional<Address> of(const sockaddr* address);
  static Address v4(std::uint32_t value);

  bool is_v4() const;
  /// Only where is_v4().
  std::uint32_t v4_value() const;
  const std::array<std::uint8_t, kBytes>& bytes() const { return bytes_; }
  std::string to_string() const;
  bool operator==(const Address&) const = default;

 private:
  std::array<std::uint8_t, kBytes> bytes_{};
};

/// A block of addresses (RFC 4632, RFC 4291).
struct Network {
  Address first;
  int bits = 0;  // of 128; those of an IPv4 block count from 96

  /// "10.0.0.0/8", "fd00::/8", or one address. Bits beyond the length must be zero.
  static std::optional<Network> parse(std::string_view text);
  bool contains(const Address& address) const;
};

}  // namespace waybill::net
