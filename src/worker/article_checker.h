#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "package/article_stream.h"
#include "package/html.h"
#include "package/json.h"
#include "worker/article_pipeline.h"
#include "worker/body_check.h"
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
  Sha256 surroundings{};      // surroundings_of() the package
  bool keep_checks = false;   // of bodies, with what is written
  std::uint64_t skimmed = 0;  // so many articles an earlier run has processed: only what they use is told
};

/// Takes an article from its text to an item that only has to be decided and written: parses, applies every
/// rule, reads its files, fingerprints it and looks up what is there. Where the knowledge base has what an
/// earlier check of the same body came to, and the article is what it was then, that is taken over
/// (body_check.h). One thread.
class ArticleChecker final : public ArticlePipeline::Checker {
 public:
  explicit ArticleChecker(const CheckerParts& parts);

  /// Parses them, and looks up all at once what is there. Errors: the knowledge base.
  Result<void> take(std::vector<package::ArticleText> articles) override;
  /// Errors: the way to the package, or the knowledge base; what is wrong with the article is a finding.
  Result<JudgedItem> next(const Context& context) override;

 private:
  struct Taken {
    std::uint32_t number = 0;
    validation::CheckedArticle article;
    std::optional<knowledge::Existing> existing;
  };
  bool is_skimmed(const Taken& taken) const { return taken.number < parts_.skimmed; }
  Result<JudgedItem> skim(validation::CheckedArticle article, const Context& context);
  Result<JudgedItem> check(Taken taken, const Context& context);
  validation::CheckedArticle parse(package::ArticleText article);
  /// Body, text, links and the files that the body uses; or, in `recalled_`, what an earlier check has found.
  Result<void> read_body(validation::CheckedArticle& article, JudgedItem& item, const Context& context);
  /// False where the body is damaged or not acceptable: the item is refused.
  bool judge_body(validation::CheckedArticle& article, JudgedItem& item);
  void refuse_body(JudgedItem& item, const Error& error) const;
  bool recall(validation::CheckedArticle& article, const JudgedItem& item);
  /// What has been recalled is of other resources: takes it back and judges the body.
  void judge_recalled(validation::CheckedArticle& article, JudgedItem& item);
  Result<void> keep_files(validation::CheckedArticle& article, JudgedItem& item, const Context& context);
  Result<bool> keep_file(knowledge::Resource& resource, const report::Location& location, JudgedItem& item,
                         const Context& context);
  void complete(validation::CheckedArticle& article, JudgedItem& item);
  /// Of an acceptable article that was not recalled. Returns about what it takes in memory.
  std::size_t take_content(validation::CheckedArticle& article, JudgedItem& item);
  /// The body of the article that was judged last.
  knowledge::Packed pack_body(const std::string& body) const;
  JudgedItem start_item(const validation::CheckedArticle& article) const;
  void use(std::string_view path, JudgedItem& item) const;

  const CheckerParts& parts_;
  PackageKnown known_;
  std::deque<Taken> taken_;  // not judged yet
  package::JsonReader reader_;
  package::HtmlContent html_;
  std::string body_;               // memory for the next one
  std::vector<std::string> used_;  // paths relative to articles/ that the body uses
  // Of the article's content file.
  package::FileIndex body_file_ = 0;
  package::PackedFile packed_;
  Sha256 input_{};  // input_of() the article
  // In the article's findings, those of the body.
  std::size_t body_findings_begin_ = 0, body_findings_end_ = 0;
  std::optional<BodyCheck> recalled_;
};

}  // namespace waybill::worker
