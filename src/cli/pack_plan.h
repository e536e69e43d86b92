#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "package/html.h"

namespace waybill::cli {

/// The files of a tree of HTML, by their path relative to its top with '/'. Links are followed where they end
/// inside the tree; a linked folder is not entered. One thread.
class SourceTree {
 public:
  /// Errors: not_found, io; invalid_argument where a name is not UTF-8 or there is no page.
  static Result<SourceTree> open(const std::filesystem::path& top);

  const std::vector<std::string>& pages() const { return pages_; }  // sorted
  bool is_page(const std::string& path) const { return page_set_.contains(path); }
  /// A regular file inside the tree.
  bool is_file(const std::string& path) const;
  std::filesystem::path file(std::string_view path) const { return top_ / std::filesystem::path(path); }
  /// The page as UTF-8.
  Result<std::string> read_page(const std::string& path, bool& converted) const;

 private:
  std::filesystem::path top_;  // canonical
  std::vector<std::string> pages_;
  std::unordered_set<std::string> page_set_;
  mutable std::unordered_map<std::string, bool> known_files_;
};

/// What becomes of a page's body: the references that must change, and what they need.
struct Rewritten {
  std::string body;
  std::string title;                   // may be empty
  std::vector<std::string> resources;  // paths in the tree
  std::size_t broken = 0;              // references that lead nowhere
};

/// Rewrites the references of a page at `path`: those to other files than pages lead to inline_resources/,
/// those to folders to their index.html, those from the top ("/x") become relative; all others stay, byte for
/// byte. `scratch` is reused from page to page.
Rewritten rewrite_page(const SourceTree& tree, const std::string& path, std::string body,
                       package::HtmlContent& scratch);

struct PackedFolder {
  std::string name;
  std::string path;  // full, "Top/Sub"
  std::vector<std::size_t> children;
  bool has_pages = false;
};
struct PackedPage {
  std::string source;  // path in the tree
  std::string name;
  std::size_t folder;
  std::uint64_t size;  // of the rewritten body
};
/// A package as it will be written.
struct PackPlan {
  std::vector<PackedFolder> folders;  // [0] is the top; parents first
  std::vector<PackedPage> pages;      // by path
  std::set<std::string> resources;    // by path
  std::size_t broken_references = 0;
  std::size_t converted_pages = 0;
};

/// Reads every page once. `progress` gets how many are read; false stops (cancelled). Errors: those of
/// read_page; limit_exceeded where the package would pass a limit of the contract.
Result<PackPlan> plan_package(const SourceTree& tree, const std::string& top_folder,
                              const std::function<bool(std::size_t pages)>& progress);

}  // namespace waybill::cli
