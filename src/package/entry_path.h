#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waybill::package {

/// Why a file's path may not stand in a package, in words that follow "the path"; nullopt where it may.
/// `path` is UTF-8.
std::optional<std::string> unsafe_path(std::string_view path, std::uint64_t max_bytes);

/// What macOS and Windows leave in folders and zips without being asked: __MACOSX/, .DS_Store, Thumbs.db.
bool is_system_litter(std::string_view path);

/// A path of any bytes as UTF-8 for people: what is not UTF-8 as \x8E, cut at 200 bytes.
std::string printable_path(std::string_view path);

}  // namespace waybill::package
