#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/text.h"
#include "cli/pack_plan.h"
#include "cli/page_text.h"

namespace waybill::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxPageBytes = 64ULL << 20;
constexpr std::array<std::string_view, 3> kPageEndings{".html", ".htm", ".xhtml"};

bool has_page_ending(std::string_view path) {
  const std::string lower = to_lower(path);
  return std::any_of(kPageEndings.begin(), kPageEndings.end(),
                     [&](std::string_view ending) { return lower.ends_with(ending); });
}

bool is_below(const fs::path& path, const fs::path& top) {
  const auto [top_end, ignored] = std::mismatch(top.begin(), top.end(), path.begin(), path.end());
  return top_end == top.end();
}

}  // namespace

Result<SourceTree> SourceTree::open(const fs::path& top) {
  SourceTree tree;
  std::error_code failed;
  tree.top_ = fs::canonical(top, failed);
  if (failed || !fs::is_directory(tree.top_, failed)) {
    return Error{ErrorCode::not_found, "there is no folder at " + top.string()};
  }
  for (fs::recursive_directory_iterator at(tree.top_, failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string path = at->path().lexically_relative(tree.top_).generic_string();
    if (!has_page_ending(path)) continue;
    if (first_invalid_utf8(path)) {
      return Error{ErrorCode::invalid_argument, "a file's name is not UTF-8: rename " +
                                                    percent_encode(path, "/ ()&'!,;=+@$") +
                                                    " (its other bytes are shown as %XX)"};
    }
    if (tree.is_file(path)) tree.pages_.push_back(path);
  }
  if (failed) return Error{ErrorCode::io, "cannot read " + top.string() + ": " + failed.message()};
  if (tree.pages_.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "there is no HTML file (.html, .htm, .xhtml) in " + top.string() + ": nothing to pack"};
  }
  std::sort(tree.pages_.begin(), tree.pages_.end());
  tree.page_set_.insert(tree.pages_.begin(), tree.pages_.end());
  return tree;
}

bool SourceTree::is_file(const std::string& path) const {
  const auto known = known_files_.find(path);
  if (known != known_files_.end()) return known->second;
  std::error_code failed;
  const fs::path real = fs::canonical(file(path), failed);
  const bool good = !failed && is_below(real, top_) && fs::is_regular_file(real, failed);
  known_files_.emplace(path, good);
  return good;
}

Result<std::string> SourceTree::read_page(const std::string& path, bool& converted) const {
  WB_TRY(std::string bytes, read_file(file(path), kMaxPageBytes));
  WB_TRY(PageText page, decode_page(std::move(bytes), path));
  converted = page.converted;
  return std::move(page.text);
}

}  // namespace waybill::cli
