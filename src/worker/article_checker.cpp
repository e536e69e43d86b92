#include "worker/article_checker.h"

#include <utility>

namespace waybill::worker {

namespace {

// UTF-8 takes at most four bytes a character; a longer file cannot be an acceptable body and is not read.
constexpr std::uint64_t kBodyBytes = validation::Limits::kContentCharacters * 4;

std::string article_label(const knowledge::Article& article) {
  return article.folder.empty() ? article.name : article.path();
}

void refuse(validation::CheckedArticle& article, report::Rule rule, report::Location location,
            std::string message, std::string advice = {}) {
  article.findings.push_back({rule, report::ItemKind::article, article_label(article.item),
                              std::move(location), std::move(message),
                              advice.empty() ? std::string(report::info(rule).remedy) : std::move(advice)});
  if (report::info(rule).severity == report::Severity::error) article.acceptable = false;
}

/// A file that was there when the job began: that it is gone is the source's failure, not the article's.
Error vanished(Error error) {
  if (error.code == ErrorCode::not_found) error.code = ErrorCode::unavailable;
  return error;
}

/// What the knowledge base has, seen from one article: a new type is remarked on once, at the first that
/// names it.
class KnownForArticle final : public validation::Known {
 public:
  KnownForArticle(const PackageKnown& known, const PackageIndex& index, std::uint32_t article)
      : known_(known), index_(index), article_(article) {}
  bool folder(std::string_view path) const override { return known_.folder(path); }
  bool article(std::string_view path) const override { return known_.article(path); }
  bool topic(std::string_view path) const override { return known_.topic(path); }
  bool language_enabled(std::string_view code) const override { return known_.language_enabled(code); }
  bool article_type(std::string_view name) const override {
    return index_.first_of_type(name) != article_ || known_.article_type(name);
  }
  std::vector<std::string> folder_names(std::string_view parent) const override {
    return known_.folder_names(parent);
  }
  std::optional<std::uint64_t> file(std::string_view path) const override { return known_.file(path); }
  std::vector<std::string> file_names(std::string_view folder) const override {
    return known_.file_names(folder);
  }
  std::optional<Identity> article_of_content(std::string_view path) const override {
    return known_.article_of_content(path);
  }

 private:
  const PackageKnown& known_;
  const PackageIndex& index_;
  std::uint32_t article_;
};

}  // namespace

ArticleChecker::ArticleChecker(const package::FileTree& files, std::string file, std::string default_language,
                               const package::Limits& limits, const PackageKnown& known,
                               const PackageIndex& index, storage::BlobStore* blobs)
    : files_(files),
      file_(std::move(file)),
      default_language_(std::move(default_language)),
      limits_(limits),
      known_(known),
      index_(index),
      blobs_(blobs),
      used_(files.count()) {}

Result<PreparedItem> ArticleChecker::check(package::ArticleText text, std::string_view pointer_prefix,
                                           Scratch& scratch, const Context& context) {
  const auto number = static_cast<std::uint32_t>(text.index);
  validation::CheckedArticle article =
      parse_article(std::move(text), file_, pointer_prefix, default_language_, limits_, scratch.reader);
  if (const auto earlier = index_.duplicate_of(number)) {
    refuse(article, report::Rule::article_duplicate, article.name_location,
           "The same folder, name and language stand at " + std::string(pointer_prefix) + "/" +
               std::to_string(*earlier) + " already.");
  }
  if (const auto earlier = index_.macro_duplicate_of(number)) {
    refuse(article, report::Rule::article_macro_duplicate, article.macro_location,
           "The macro \"" + article.item.macro + "\" stands at " + std::string(pointer_prefix) + "/" +
               std::to_string(*earlier) + " already.");
  }
  const KnownForArticle known(known_, index_, number);
  validation::check_article_context(article, known);
  WB_TRY(const bool has_body, read_body(article, scratch, context));
  if (has_body) {
    scratch.html.clear();
    package::read_html(article.item.body, scratch.html);
    std::vector<std::string> resources;
    validation::check_html(article, scratch.html, article.item.body,
                           std::string(kArticlesFolder) + article.item.content_path, known, resources);
    article.item.text = std::move(scratch.html.text);
    WB_CHECK_OK(read_resources(article, resources, scratch, context));
  }
  WB_CHECK_OK(read_attachments(article, scratch, context));
  if (const auto failure = known_.failure()) return *failure;

  PreparedItem item;
  item.path = article_label(article.item);
  item.location = article.location;
  item.macro_location = article.macro_location;
  item.findings = std::move(article.findings);
  item.acceptable = article.acceptable;
  item.bytes = sizeof(PreparedItem);
  if (article.acceptable) {
    item.bytes += article.item.body.size() + article.item.text.size();
    item.change.item = std::move(article.item);
    item.change.fingerprint = knowledge::fingerprint(item.change.item);
  }
  return item;
}

validation::CheckedArticle parse_article(package::ArticleText text, const std::string& file,
                                         std::string_view pointer_prefix, std::string_view default_language,
                                         const package::Limits& limits, package::JsonReader& reader) {
  const std::string pointer = std::string(pointer_prefix) + "/" + std::to_string(text.index);
  if (text.too_large) {
    package::JsonDefect defect{report::Rule::json_size,
                               "An article takes at most " + std::to_string(limits.article_json_bytes) +
                                   " bytes of JSON; this one takes more.",
                               text.start};
    return validation::defective_article(defect, file, pointer);
  }
  const auto outcome = reader.read(std::move(text.text), text.start, limits.json_depth);
  if (!outcome.document) return validation::defective_article(outcome.defect, file, pointer);
  return validation::check_article(*outcome.document, file, pointer, default_language);
}

Result<bool> ArticleChecker::read_body(validation::CheckedArticle& article, Scratch& scratch,
                                       const Context& context) {
  const std::string path = std::string(kArticlesFolder) + article.item.content_path;
  if (article.item.content_path.empty()) return false;
  const auto file = files_.find(path);
  if (!file) return false;  // the context check has said so
  used_[*file].store(true, std::memory_order_relaxed);
  if (files_.size(*file) > kBodyBytes) {
    refuse(article, report::Rule::article_content_size, {path, "", 0, 0},
           "The content has " + std::to_string(files_.size(*file)) +
               " bytes; at most 5,000,000 characters are allowed.");
    return false;
  }
  if (auto read = files_.read(*file, kBodyBytes, scratch.bytes, context); !read) {
    if (read.error().code != ErrorCode::corrupt) return vanished(read.error());
    refuse(article, report::Rule::entry_corrupt, {path, "", 0, 0}, read.error().message);
    return false;
  }
  if (!validation::check_body(article, scratch.bytes, path)) return false;
  article.item.body = scratch.bytes;
  return true;
}

Result<std::optional<ArticleChecker::Stored>> ArticleChecker::store(validation::CheckedArticle& article,
                                                                    package::FileIndex file, Scratch& scratch,
                                                                    const Context& context) {
  used_[file].store(true, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    const auto found = stored_.find(file);
    if (found != stored_.end()) return std::optional<Stored>(found->second);
  }
  const std::string path(files_.path(file));
  if (files_.size(file) > validation::Limits::kAttachmentBytes) {
    refuse(article, report::Rule::attachment_size, {path, "", 0, 0},
           "The file has " + std::to_string(files_.size(file)) + " bytes; at most 25 MiB are allowed.");
    return std::optional<Stored>();
  }
  if (auto read = files_.read(file, validation::Limits::kAttachmentBytes, scratch.bytes, context); !read) {
    if (read.error().code != ErrorCode::corrupt) return vanished(read.error());
    refuse(article, report::Rule::entry_corrupt, {path, "", 0, 0}, read.error().message);
    return std::optional<Stored>();
  }
  const Stored stored{sha256(scratch.bytes), scratch.bytes.size()};
  if (blobs_ != nullptr) {
    WB_CHECK_OK(blobs_->put(stored.hash, scratch.bytes));
    unsynced_ = true;
  }
  const std::lock_guard lock(mutex_);
  stored_.emplace(file, stored);
  return std::optional<Stored>(stored);
}

Result<void> ArticleChecker::read_attachments(validation::CheckedArticle& article, Scratch& scratch,
                                              const Context& context) {
  for (const auto& place : article.attachments) {
    const auto file = files_.find(std::string(kArticlesFolder) + place.path);
    if (!file || files_.size(*file) == 0 || files_.size(*file) > validation::Limits::kAttachmentBytes) {
      if (file) used_[*file].store(true, std::memory_order_relaxed);
      continue;  // the context check has said so
    }
    WB_TRY(const auto stored, store(article, *file, scratch, context));
    if (stored) article.item.attachments.push_back({place.name, place.path, stored->hash, stored->size});
  }
  return {};
}

Result<void> ArticleChecker::read_resources(validation::CheckedArticle& article,
                                            const std::vector<std::string>& paths, Scratch& scratch,
                                            const Context& context) {
  for (const std::string& path : paths) {
    const auto file = files_.find(std::string(kArticlesFolder) + path);
    if (!file) continue;
    WB_TRY(const auto stored, store(article, *file, scratch, context));
    if (stored) article.item.inline_resources.push_back({path, path, stored->hash, stored->size});
  }
  return {};
}

}  // namespace waybill::worker
