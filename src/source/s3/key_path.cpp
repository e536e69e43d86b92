#include "source/s3/key_path.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace waybill::source {

namespace {

constexpr std::string_view kLogs = "logs/";

bool is_safe(std::string_view path) {
  for (std::string_view rest = path;;) {
    const auto slash = rest.find('/');
    const auto name = rest.substr(0, slash);
    if (name.empty() || name == "." || name == "..") return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<std::string> path_of_key(const std::string& key, const std::string& prefix) {
  std::string path = key.substr(std::min(prefix.size(), key.size()));
  if (path.empty() || path.ends_with('/') || path.starts_with(kLogs)) return std::string();
  if (is_safe(path)) return path;
  return Error{ErrorCode::invalid_argument, "the key " + escape_controls(key) +
                                                " is no path: it has an empty name, \".\" or \"..\" in it"};
}

}  // namespace waybill::source
