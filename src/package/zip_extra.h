#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waybill::package::zip {

/// The body of the first extra field of that id (APPNOTE 4.5.1); nullopt where there is none, or where the
/// fields before it are broken.
std::optional<std::string_view> find_extra(std::string_view extra, std::uint16_t id);

/// The numbers of an entry that may stand in its ZIP64 field instead (4.5.3).
struct Sizes {
  std::uint64_t size = 0;
  std::uint64_t packed = 0;
  std::uint64_t header = 0;
};

/// Replaces what is saturated with what the ZIP64 field holds. False where the field lacks it.
bool apply_zip64(std::string_view extra, Sizes& sizes);

/// The name in a Unicode path field (4.6.9) that belongs to `raw_name`; nullopt where there is none.
std::optional<std::string_view> unicode_path(std::string_view extra, std::string_view raw_name);

}  // namespace waybill::package::zip
