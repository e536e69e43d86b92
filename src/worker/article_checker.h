#pragma once

#include <string>
#include <vector>

#include "package/article_stream.h"
#include "package/html.h"
#include "package/json.h"
#include "worker/item.h"
#include "worker/known.h"
#include "worker/package_reading.h"
#include "worker/resource_keeper.h"

namespace waybill::worker {

/// What all checkers of a job share; everything in it outlives them.
struct CheckerParts {
  const PackageReading& package;
  const FilesByPath& by_path;
  const Options& options;
  const Department& department;
  knowledge::KnowledgeBase& base;
  ResourceKeeper& resources;
  std::string pointer_prefix;
  bool keep_contents = false;
};

/// Takes an article from its text to an item that only has to be decided and written: parses, applies every
/// rule, reads its files, fingerprints it and looks up what is there. One thread.
class ArticleChecker {
 public:
  explicit ArticleChecker(const CheckerParts& parts);

  /// Only for what it uses of the package: an article that an earlier run has processed.
  Result<JudgedItem> skim(package::ArticleText article, const Context& context);
  /// Errors: the way to the package, or the knowledge base; what is wrong with the article is a finding.
  Result<JudgedItem> check(package::ArticleText article, const Context& context);

 private:
  validation::CheckedArticle parse(package::ArticleText article);
  /// Body, text, links and the files that the body uses.
  Result<void> read_body(validation::CheckedArticle& article, JudgedItem& item, const Context& context);
  Result<void> keep_files(validation::CheckedArticle& article, JudgedItem& item, const Context& context);
  Result<bool> keep_file(knowledge::Resource& resource, const report::Location& location, JudgedItem& item,
                         const Context& context);
  Result<void> complete(validation::CheckedArticle& article, JudgedItem& item);
  JudgedItem start_item(const validation::CheckedArticle& article) const;
  void use(std::string_view path, JudgedItem& item) const;

  const CheckerParts& parts_;
  PackageKnown known_;
  package::JsonReader reader_;
  package::HtmlContent html_;
  std::vector<std::string> used_;  // paths relative to articles/ that the body uses
};

}  // namespace waybill::worker
