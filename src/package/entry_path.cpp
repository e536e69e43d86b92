#include "package/entry_path.h"

#include <algorithm>

#include "base/text.h"

namespace waybill::package {

namespace {

constexpr std::size_t kMaxShownBytes = 200;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

bool is_drive(std::string_view path) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return path.size() >= 2 && letter(path[0]) && path[1] == ':';
}

}  // namespace

std::optional<std::string> unsafe_path(std::string_view path, std::uint64_t max_bytes) {
  if (path.empty()) return "is empty";
  if (path.size() > max_bytes) {
    return "has " + std::to_string(path.size()) + " bytes where " + std::to_string(max_bytes) +
           " are allowed";
  }
  if (path.find('\0') != std::string_view::npos) return "has a NUL character";
  if (std::any_of(path.begin(), path.end(), is_control)) return "has a control character";
  if (path.find('\\') != std::string_view::npos) return "has a backslash";
  if (path.front() == '/') return "is absolute";
  if (is_drive(path)) return "begins with a drive letter";
  for (const std::string_view part : split(path, '/')) {
    if (part.empty()) return "has an empty name between two '/'";
    if (part == "." || part == "..") return "has '" + std::string(part) + "' in it";
  }
  return std::nullopt;
}

bool is_system_litter(std::string_view path) {
  if (path.starts_with("__MACOSX/")) return true;
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return name == ".DS_Store" || name == "Thumbs.db";
}

std::string printable_path(std::string_view path) {
  std::string shown;
  while (!path.empty() && shown.size() <= kMaxShownBytes) {
    const std::size_t good = std::min(first_invalid_utf8(path).value_or(path.size()), kMaxShownBytes * 2);
    // A cut inside a character shows as bytes, which only the part that is left out below can have.
    shown += path.substr(0, good);
    path.remove_prefix(good);
    if (path.empty() || shown.size() > kMaxShownBytes) break;
    shown += "\\x" + hex_encode(path.substr(0, 1));
    path.remove_prefix(1);
  }
  return truncate_utf8(shown, kMaxShownBytes);
}

}  // namespace waybill::package
