#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace waybill::net {

namespace {

constexpr std::size_t kPrefix = 12;  // bytes before the IPv4 part of a mapped address
constexpr int kV4Bits = 96;
constexpr int kAllBits = 128;

}  // namespace

Address Address::v4(std::uint32_t value) {
  Address address;
  address.bytes_[10] = address.bytes_[11] = 0xff;
  for (std::size_t i = 0; i < 4; ++i) {
    address.bytes_.at(kPrefix + i) = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  }
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  const std::string copy(text);
  in_addr four{};
  if (inet_pton(AF_INET, copy.c_str(), &four) == 1) return v4(ntohl(four.s_addr));
  Address address;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

std::optional<Address> Address::of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return v4(ntohl(in.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 in6{};
  std::memcpy(&in6, address, sizeof in6);
  Address out;
  std::memcpy(out.bytes_.data(), &in6.sin6_addr, kBytes);
  return out;
}

bool Address::is_v4() const {
  return std::all_of(bytes_.begin(), bytes_.begin() + 10, [](auto byte) { return byte == 0; }) &&
         bytes_[10] == 0xff && bytes_[11] == 0xff;
}

std::uint32_t Address::v4_value() const {
  std::uint32_t value = 0;
  for (std::size_t i = kPrefix; i < kBytes; ++i) value = value << 8U | bytes_.at(i);
  return value;
}

std::string Address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4()) {
    inet_ntop(AF_INET, bytes_.data() + kPrefix, text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
  }
  return text.data();
}

bool Network::contains(const Address& address) const {
  for (int bit = 0; bit < bits; bit += 8) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const int left = std::min(bits - bit, 8);
    const auto mask = static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(left));
    if (((first.bytes().at(byte) ^ address.bytes().at(byte)) & mask) != 0) return false;
  }
  return true;
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto first = Address::parse(text.substr(0, slash));
  if (!first) return std::nullopt;
  Network network{*first, kAllBits};
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  int bits = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || bits < 0) return std::nullopt;
  // "::ffff:10.0.0.0/104" is IPv6 by its spelling: the length counts from the beginning there.
  if (first->is_v4() && text.find(':') == std::string_view::npos) bits += kV4Bits;
  if (bits > kAllBits) return std::nullopt;
  network.bits = bits;
  for (int bit = bits; bit < kAllBits; ++bit) {
    const auto byte = first->bytes().at(static_cast<std::size_t>(bit / 8));
    if ((byte >> static_cast<unsigned>(7 - bit % 8) & 1U) != 0) return std::nullopt;
  }
  return network;
}

}  // namespace waybill::net
