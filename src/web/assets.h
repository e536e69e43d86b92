#pragma once

#include <span>
#include <string_view>

namespace waybill::web {

/// One file of the console's build. The views live as long as the program.
struct Asset {
  std::string_view name;        // below the build's root: "index.html", "assets/main-4f2a.js"
  std::string_view media_type;  // "text/javascript; charset=utf-8"
  std::string_view hash;        // of the bytes, hex: stands in ETags
  std::string_view plain;       // as it is
  std::string_view gzip;        // empty where compressing gains nothing
  std::string_view brotli;
};

/// Every file of the build; none where this was built without the console. Any thread.
std::span<const Asset> assets();
/// nullptr where there is none of that name.
const Asset* find_asset(std::string_view name);

}  // namespace waybill::web
