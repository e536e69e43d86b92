#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "knowledge/knowledge_base.h"
#include "package/file_tree.h"
#include "validation/checks.h"
#include "worker/package_index.h"
#include "worker/worker.h"

namespace waybill::worker {

/// Where everything that articles refer to lies in a package.
inline constexpr std::string_view kArticlesFolder = "knowledgehub/articles/";

/// Files of a package below articles/ in the order of their paths, for looking at one folder.
class FilesByPath {
 public:
  explicit FilesByPath(const package::FileTree& files);
  /// Names of the files directly in a folder, relative to articles/.
  std::vector<std::string> names(std::string_view folder, std::size_t at_most) const;
  /// Of the paths, all that there are.
  Sha256 digest() const;

 private:
  const package::FileTree& files_;
  std::vector<package::FileIndex> order_;
};

/// What is known to one checker: the package, and the knowledge base behind a small cache. One thread.
class PackageKnown final : public validation::Known {
 public:
  PackageKnown(const PackageIndex& index, const package::FileTree& files, const FilesByPath& by_path,
               knowledge::KnowledgeBase& base, const Department& department, const Options& options);

  /// The article that is being checked: only the first of a new type makes the type.
  void set_article(std::uint32_t number) { article_ = number; }
  /// The first failure of the knowledge base since it was last asked for: answers from then on are worthless.
  Result<void> take_error();

  bool folder(std::string_view path) const override;
  bool article(std::string_view path) const override;
  bool topic(std::string_view path) const override;
  bool language_enabled(std::string_view code) const override;
  bool article_type(std::string_view name) const override;
  std::vector<std::string> folder_names(std::string_view parent) const override;
  std::optional<std::uint64_t> file(std::string_view path) const override;
  std::vector<std::string> file_names(std::string_view folder) const override;
  std::optional<Identity> article_of_content(std::string_view path) const override;

 private:
  using Cache = std::unordered_map<std::string, bool>;
  template <typename Ask>
  bool cached(Cache& cache, std::string_view name, Ask ask) const;

  const PackageIndex& index_;
  const package::FileTree& files_;
  const FilesByPath& by_path_;
  knowledge::KnowledgeBase& base_;
  const Department& department_;
  const Options& options_;
  std::uint32_t article_ = 0;
  mutable Cache folders_, articles_, topics_, types_;
  mutable std::optional<Error> error_;
  mutable std::string path_;
};

}  // namespace waybill::worker
