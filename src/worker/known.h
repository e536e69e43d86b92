#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.h"
#include "knowledge/knowledge_base.h"
#include "package/file_tree.h"
#include "validation/checks.h"
#include "worker/package_index.h"
#include "worker/worker.h"

namespace waybill::worker {

/// Where articles.json's paths begin: "knowledgehub/articles/".
inline constexpr std::string_view kArticlesFolder = "knowledgehub/articles/";

/// What a package's items may refer to: the package itself, then the knowledge base. Answers are the same
/// before and after a resume, because what the package makes counts as there from the start. Any thread, once
/// built.
class PackageKnown final : public validation::Known {
 public:
  PackageKnown(const Options& options, const Department& department, const package::FileTree& files,
               const validation::Hub& hub, const PackageIndex& index, knowledge::KnowledgeBase& base);

  bool folder(std::string_view path) const override;
  bool article(std::string_view path) const override;
  bool topic(std::string_view path) const override;
  bool language_enabled(std::string_view code) const override;
  bool article_type(std::string_view name) const override;
  std::vector<std::string> folder_names(std::string_view parent) const override;
  std::optional<std::uint64_t> file(std::string_view path) const override;
  std::vector<std::string> file_names(std::string_view folder) const override;
  std::optional<Identity> article_of_content(std::string_view path) const override;

  /// The first error of the knowledge base that a look-up met: the answers since are not to be trusted.
  std::optional<Error> failure() const;

 private:
  template <typename Ask>
  bool cached(std::unordered_map<std::string, bool>& cache, std::string_view key, Ask ask) const;

  const Options& options_;
  const Department& department_;
  const package::FileTree& files_;
  const PackageIndex& index_;
  knowledge::KnowledgeBase& base_;
  std::unordered_set<std::string> folders_, topics_;  // of the package, those that will be made
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, bool> base_folders_, base_topics_, base_articles_, base_types_;
  mutable std::optional<std::map<std::string, std::vector<std::string>, std::less<>>> names_by_folder_;
  mutable std::optional<Error> failure_;
};

}  // namespace waybill::worker
