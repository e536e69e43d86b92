#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace waybill::package {

/// Byte range of a URL in a decoded attribute value.
struct UrlRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The URLs of a srcset attribute (HTML Living Standard, 4.8.4.3.10), descriptors passed over.
std::vector<UrlRange> split_srcset(std::string_view value);

}  // namespace waybill::package
