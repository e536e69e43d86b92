#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "validation/checks.h"

namespace waybill::worker {

/// What the first pass over articles.json remembers of each article, in about 100 bytes: who it is, where its
/// content lies, its macro. Built by one thread, then read by any.
class PackageIndex {
 public:
  /// The next article, in the file's order.
  void add(const validation::CheckedArticle& article);
  /// After the last add(): finds the duplicates and opens the look-ups.
  void finish();

  std::uint32_t count() const { return static_cast<std::uint32_t>(entries_.size()); }
  bool has_article(std::string_view path) const;
  std::optional<validation::Known::Identity> article_of_content(std::string_view path) const;
  /// The earlier article with the same folder, name and language.
  std::optional<std::uint32_t> duplicate_of(std::uint32_t article) const;
  /// The earlier article with the same macro.
  std::optional<std::uint32_t> macro_duplicate_of(std::uint32_t article) const;
  /// The first article that names this type: the one that carries the remark that it is new.
  std::optional<std::uint32_t> first_of_type(std::string_view type_name) const;

 private:
  struct Entry {
    std::uint64_t start = 0;  // in text_: folder, name, language, content path, one behind the other
    std::uint16_t folder = 0, name = 0, language = 0, content = 0;  // lengths in bytes
    bool acceptable = false;
  };
  using Lookup = std::vector<std::pair<std::uint64_t, std::uint32_t>>;  // hash → article, sorted

  std::string_view folder(const Entry& entry) const;
  std::string_view name(const Entry& entry) const;
  std::string_view language(const Entry& entry) const;
  std::string_view content(const Entry& entry) const;

  std::string text_;
  std::vector<Entry> entries_;
  Lookup by_path_, by_content_;
  std::unordered_map<std::uint32_t, std::uint32_t> duplicates_, macro_duplicates_;
  std::unordered_map<std::string, std::uint32_t> macros_, types_;
};

}  // namespace waybill::worker
