#include "package/describe.h"

#include <array>

#include "package/entry_path.h"

namespace waybill::package {

namespace {

std::string with_thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace

std::string describe_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"bytes", "KB", "MB", "GB", "TB"};
  if (bytes < 1'000) return std::to_string(bytes) + " bytes";
  std::size_t unit = 1;
  std::uint64_t tenths = bytes / 100;
  while (tenths >= 10'000 && unit + 1 < kUnits.size()) {
    tenths /= 1'000;
    ++unit;
  }
  std::string number = with_thousands(tenths / 10);
  if (tenths < 100 && tenths % 10 != 0) number += "." + std::to_string(tenths % 10);
  return number + " " + std::string(kUnits[unit]);
}

std::string describe_count(std::uint64_t count, std::string_view noun) {
  return with_thousands(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

Result<void> check_size(std::string_view path, std::uint64_t size, std::uint64_t max_bytes) {
  if (size <= max_bytes) return {};
  return Error{ErrorCode::limit_exceeded, printable_path(path) + " has " + with_thousands(size) +
                                              " bytes where " + with_thousands(max_bytes) + " are allowed"};
}

}  // namespace waybill::package
