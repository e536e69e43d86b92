#include "package/zip_extra.h"

#include <libdeflate.h>

#include "package/zip_format.h"

namespace waybill::package::zip {

std::optional<std::string_view> find_extra(std::string_view extra, std::uint16_t id) {
  constexpr std::size_t kHead = 4;
  while (extra.size() >= kHead) {
    const std::uint16_t length = u16_at(extra, 2);
    if (length > extra.size() - kHead) return std::nullopt;
    if (u16_at(extra, 0) == id) return extra.substr(kHead, length);
    extra.remove_prefix(kHead + length);
  }
  return std::nullopt;
}

bool apply_zip64(std::string_view extra, Sizes& sizes) {
  std::string_view field = find_extra(extra, kExtraZip64).value_or("");
  for (std::uint64_t* number : {&sizes.size, &sizes.packed, &sizes.header}) {
    if (*number != kSaturated32) continue;
    if (field.size() < sizeof(std::uint64_t)) return false;
    *number = u64_at(field, 0);
    field.remove_prefix(sizeof(std::uint64_t));
  }
  return true;
}

std::optional<std::string_view> unicode_path(std::string_view extra, std::string_view raw_name) {
  constexpr std::size_t kHead = 5;  // version, checksum of the raw name
  const auto field = find_extra(extra, kExtraUnicodePath);
  if (!field || field->size() <= kHead || field->front() != 1) return std::nullopt;
  // The checksum tells a name that a tool changed without knowing this field.
  if (u32_at(*field, 1) != libdeflate_crc32(0, raw_name.data(), raw_name.size())) return std::nullopt;
  return field->substr(kHead);
}

}  // namespace waybill::package::zip
