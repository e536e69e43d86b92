#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "source/source.h"

namespace waybill::source {

/// What a server says of a file.
struct RemoteInfo {
  enum class Kind : std::uint8_t { file, folder, link, other };
  Kind kind = Kind::other;
  std::uint64_t size = 0;
  std::uint32_t modified = 0;  // seconds since 1970; 0 where the server does not tell

  /// Changes with the bytes as far as the protocol tells.
  std::string version() const { return std::to_string(size) + "-" + std::to_string(modified); }
};

struct RemoteEntry {
  std::string name;
  RemoteInfo info;
};

/// The entries of one folder as a server lists them, at most so many (limit_exceeded).
using FolderLister =
    std::function<Result<std::vector<RemoteEntry>>(const std::string& folder, std::size_t most)>;

/// `name` in `folder`, as a path.
std::string below(const std::string& folder, std::string_view name);

/// A name that a folder's entry can have: not empty, and without '/' and NUL. "." and ".." are the folder's
/// own.
bool is_entry_name(std::string_view name);

/// All files below `root`, sorted, their paths relative to it; links are not followed, and `logs/` at the top
/// is Waybill's own. Nothing of what the server says is trusted. Errors: invalid_argument (links and special
/// files: names them), limit_exceeded, corrupt (a name that is none), and the lister's.
Result<std::vector<FileInfo>> list_below(const std::string& root, const FolderLister& lister,
                                         const Context& context);

}  // namespace waybill::source
