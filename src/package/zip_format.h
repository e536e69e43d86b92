#pragma once

#include <cstdint>
#include <string_view>

namespace waybill::package::zip {

// Records of a zip: PKWARE APPNOTE.TXT 6.3.10, section 4. All numbers are little-endian.

constexpr std::uint32_t kLocalSignature = 0x04034b50;      // 4.3.7
constexpr std::uint32_t kCentralSignature = 0x02014b50;    // 4.3.12
constexpr std::uint32_t kEndSignature = 0x06054b50;        // 4.3.16
constexpr std::uint32_t kEnd64Signature = 0x06064b50;      // 4.3.14
constexpr std::uint32_t kLocator64Signature = 0x07064b50;  // 4.3.15

// Sizes of the fixed parts, in bytes.
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocator64Size = 20;

constexpr std::uint16_t kMethodStore = 0;
constexpr std::uint16_t kMethodDeflate = 8;
constexpr std::uint16_t kMethodAes = 99;

// General purpose bits (4.4.4).
constexpr std::uint16_t kFlagEncrypted = 1U << 0U;
constexpr std::uint16_t kFlagDescriptor =
    1U << 3U;  // the local header's checksum and sizes stand behind the data
constexpr std::uint16_t kFlagPatch = 1U << 5U;
constexpr std::uint16_t kFlagStrongEncryption = 1U << 6U;
constexpr std::uint16_t kFlagUtf8 = 1U << 11U;
constexpr std::uint16_t kFlagMasked = 1U << 13U;  // encrypted directory

// Extra fields (4.5, 4.6).
constexpr std::uint16_t kExtraZip64 = 0x0001;
constexpr std::uint16_t kExtraStrongEncryption = 0x0017;
constexpr std::uint16_t kExtraUnicodePath = 0x7075;
constexpr std::uint16_t kExtraAes = 0x9901;

// A field of this value stands in the ZIP64 record instead (4.4.1.4).
constexpr std::uint16_t kSaturated16 = 0xFFFF;
constexpr std::uint32_t kSaturated32 = 0xFFFFFFFF;

/// Little-endian numbers at a place that the caller knows to be inside.
inline std::uint64_t number_at(std::string_view bytes, std::size_t offset, std::size_t length) {
  std::uint64_t value = 0;
  for (std::size_t i = length; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}
inline std::uint16_t u16_at(std::string_view bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(number_at(bytes, offset, 2));
}
inline std::uint32_t u32_at(std::string_view bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(number_at(bytes, offset, 4));
}
inline std::uint64_t u64_at(std::string_view bytes, std::size_t offset) {
  return number_at(bytes, offset, 8);
}

}  // namespace waybill::package::zip
