#include "worker/article_checker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/article_content.h"
#include "storage/packed.h"
#include "validation/item_path.h"

namespace waybill::worker {

using report::ItemKind;
using report::Rule;

namespace {

/// UTF-8 takes at most four bytes for a character: a longer file is too long for certain.
constexpr std::uint64_t kMostBodyBytes = 4ULL * validation::Limits::kContentCharacters;

constexpr std::size_t kMostKeptBuffer = 4U << 20U;  // for packed bytes or a body, between two articles

std::string in_articles(std::string_view path) {
  return std::string(kArticlesFolder) + std::string(path);
}

}  // namespace

ArticleChecker::ArticleChecker(const CheckerParts& parts)
    : parts_(parts),
      known_(parts.package.index, *parts.package.files, parts.by_path, parts.base, parts.department,
             parts.options) {}

validation::CheckedArticle ArticleChecker::parse(package::ArticleText article) {
  const std::string& file = parts_.package.articles_path;
  const std::string pointer = parts_.pointer_prefix + "/" + std::to_string(article.index);
  if (article.too_large) {
    return validation::defective_article(
        {Rule::json_size,
         "The article's JSON is larger than " + std::to_string(parts_.options.limits.article_json_bytes) +
             " bytes.",
         article.start},
        file, pointer);
  }
  auto outcome = reader_.read(std::move(article.text), article.start, parts_.options.limits.json_depth);
  if (!outcome.document) return validation::defective_article(outcome.defect, file, pointer);
  return validation::check_article(*outcome.document, file, pointer, parts_.package.default_language);
}

JudgedItem ArticleChecker::start_item(const validation::CheckedArticle& article) const {
  JudgedItem item;
  item.kind = ItemKind::article;
  item.path = validation::article_item_path(article.item, article.location.pointer);
  item.location = article.location;
  item.macro_location = article.macro_location;
  item.macro = article.item.macro;
  item.language = article.item.language;
  return item;
}

void ArticleChecker::use(std::string_view path, JudgedItem& item) const {
  if (const auto file = parts_.package.files->find(in_articles(path))) item.used_files.push_back(*file);
}

Result<void> ArticleChecker::take(std::vector<package::ArticleText> articles) {
  taken_.clear();
  for (package::ArticleText& text : articles) {
    const auto number = static_cast<std::uint32_t>(text.index);
    taken_.push_back({number, parse(std::move(text)), {}});
  }
  std::vector<knowledge::ArticleIdentity> wanted;
  std::vector<Taken*> wanting;
  for (Taken& one : taken_) {
    if (is_skimmed(one) || !one.article.acceptable) continue;
    const knowledge::Article& article = one.article.item;
    wanted.push_back({article.folder, article.name, article.language});
    wanting.push_back(&one);
  }
  WB_TRY(auto found, parts_.base.find_articles(parts_.department, wanted));
  for (std::size_t i = 0; i < wanting.size(); ++i) wanting[i]->existing = std::move(found[i]);
  return {};
}

Result<JudgedItem> ArticleChecker::next(const Context& context) {
  Taken taken = std::move(taken_.front());
  taken_.pop_front();
  known_.set_article(taken.number);
  return is_skimmed(taken) ? skim(std::move(taken.article), context) : check(std::move(taken), context);
}

/// Only for what it uses of the package: an article that an earlier run has processed.
Result<JudgedItem> ArticleChecker::skim(validation::CheckedArticle article, const Context& context) {
  JudgedItem item = start_item(article);
  WB_CHECK_OK(read_body(article, item, context));
  WB_CHECK_OK(known_.take_error());
  item.findings.clear();
  return item;
}

Result<JudgedItem> ArticleChecker::check(Taken taken, const Context& context) {
  validation::CheckedArticle& article = taken.article;
  JudgedItem item = start_item(article);
  if (const auto other = parts_.package.index.duplicate_of(taken.number)) {
    item.refuse(Rule::article_duplicate, article.name_location,
                "The article at " + parts_.pointer_prefix + "/" + std::to_string(*other) +
                    " has the same folder, name and language.");
  } else if (const auto holder = parts_.package.index.macro_taken_by(taken.number)) {
    item.refuse(Rule::article_macro_duplicate, article.macro_location,
                "The macro '" + item.macro + "' is that of the article at " + parts_.pointer_prefix + "/" +
                    std::to_string(*holder) + " already.");
  }
  check_article_context(article, known_);
  item.acceptable = item.acceptable && article.acceptable;
  if (item.acceptable) item.existing = std::move(taken.existing);
  WB_CHECK_OK(read_body(article, item, context));
  WB_CHECK_OK(known_.take_error());
  item.acceptable = item.acceptable && article.acceptable;
  if (item.acceptable) WB_CHECK_OK(keep_files(article, item, context));
  if (recalled_ && recalled_->resources != hash_resources(article.item)) judge_recalled(article, item);
  complete(article, item);
  return item;
}

Result<void> ArticleChecker::read_body(validation::CheckedArticle& article, JudgedItem& item,
                                       const Context& context) {
  used_.clear();
  recalled_.reset();
  body_findings_begin_ = body_findings_end_ = article.findings.size();
  for (const auto& attachment : article.attachments) use(attachment.path, item);
  const std::string& path = article.item.content_path;
  if (path.empty()) return {};
  const auto found = parts_.package.files->find(in_articles(path));
  if (!found) return {};
  body_file_ = *found;
  item.used_files.push_back(body_file_);
  if (packed_.bytes.capacity() > kMostKeptBuffer) packed_.bytes = std::string();
  if (auto done = parts_.package.files->read_packed(body_file_, kMostBodyBytes, packed_, context); !done) {
    const ErrorCode code = done.error().code;
    if (code != ErrorCode::corrupt && code != ErrorCode::limit_exceeded) return std::move(done).error();
    refuse_body(item, done.error());
    return {};
  }
  input_ = input_of(article, packed_.digest, parts_.surroundings);
  const bool recalled = recall(article, item);
  if (parts_.options.body_judged) parts_.options.body_judged(recalled);
  if (!recalled && !judge_body(article, item)) return {};
  body_findings_end_ = article.findings.size();
  for (const std::string& resource : used_) use(resource, item);
  return {};
}

void ArticleChecker::refuse_body(JudgedItem& item, const Error& error) const {
  const bool damaged = error.code == ErrorCode::corrupt;
  const std::string file(parts_.package.files->path(body_file_));
  item.refuse(damaged ? Rule::entry_corrupt : Rule::article_content_size, {file, {}, 0, 0}, error.message);
}

bool ArticleChecker::judge_body(validation::CheckedArticle& article, JudgedItem& item) {
  std::string& body = article.item.body;
  body = std::move(body_);
  if (auto done = parts_.package.files->unpack(body_file_, packed_, body); !done) {
    refuse_body(item, done.error());
    return false;
  }
  const std::string file = in_articles(article.item.content_path);
  if (!check_body(article, body, file)) return false;
  html_.clear();
  package::read_html(body, html_);
  check_html(article, html_, body, file, known_, used_);
  article.item.text = std::move(html_.text);
  return true;
}

bool ArticleChecker::recall(validation::CheckedArticle& article, const JudgedItem& item) {
  if (!item.existing || item.existing->body_check.empty()) return false;
  recalled_ = recall_check(item.existing->body_check, input_, item.existing->fingerprint, item.path,
                           in_articles(article.item.content_path));
  if (!recalled_) return false;
  used_ = std::move(recalled_->used);
  std::move(recalled_->findings.begin(), recalled_->findings.end(), std::back_inserter(article.findings));
  return true;
}

void ArticleChecker::judge_recalled(validation::CheckedArticle& article, JudgedItem& item) {
  recalled_.reset();
  used_.clear();
  article.findings.resize(body_findings_begin_);
  judge_body(article, item);
  body_findings_end_ = article.findings.size();
}

Result<void> ArticleChecker::keep_files(validation::CheckedArticle& article, JudgedItem& item,
                                        const Context& context) {
  for (const auto& place : article.attachments) {
    knowledge::Resource attachment{place.name, place.path, {}, 0};
    WB_TRY(const bool kept, keep_file(attachment, place.location, item, context));
    if (kept) article.item.attachments.push_back(std::move(attachment));
  }
  const report::Location content{in_articles(article.item.content_path), {}, 0, 0};
  for (const std::string& path : used_) {
    knowledge::Resource resource{path, path, {}, 0};
    WB_TRY(const bool kept, keep_file(resource, content, item, context));
    if (kept) article.item.inline_resources.push_back(std::move(resource));
  }
  return {};
}

Result<bool> ArticleChecker::keep_file(knowledge::Resource& resource, const report::Location& location,
                                       JudgedItem& item, const Context& context) {
  const auto file = parts_.package.files->find(in_articles(resource.path));
  if (!file) return false;  // has its finding
  resource.size = parts_.package.files->size(*file);
  auto hash = parts_.resources.keep(*file, context);
  if (hash) {
    resource.hash = *hash;
    return true;
  }
  const ErrorCode code = hash.error().code;
  if (code != ErrorCode::corrupt && code != ErrorCode::limit_exceeded) return std::move(hash).error();
  item.refuse(code == ErrorCode::corrupt ? Rule::entry_corrupt : Rule::attachment_size, location,
              hash.error().message);
  return false;
}

void ArticleChecker::complete(validation::CheckedArticle& article, JudgedItem& item) {
  constexpr std::size_t kPerFinding = 400;
  std::size_t content_bytes = 0;
  if (!item.acceptable) {
    item.existing.reset();  // looked up for the check alone
  } else if (recalled_) {
    item.change.fingerprint = item.existing->fingerprint;
  } else {
    content_bytes = take_content(article, item);
  }
  // The article's own findings first: in the order in which a reader of the file meets them.
  article.findings.insert(article.findings.end(), std::make_move_iterator(item.findings.begin()),
                          std::make_move_iterator(item.findings.end()));
  item.findings = std::move(article.findings);
  item.bytes = item.findings.size() * kPerFinding + content_bytes;
}

std::size_t ArticleChecker::take_content(validation::CheckedArticle& article, JudgedItem& item) {
  constexpr std::size_t kOthers = 1'000;
  item.change.item = std::move(article.item);
  auto& content = std::get<knowledge::Article>(item.change.item);
  item.change.fingerprint = fingerprint(item.change.item);
  const bool differs = !item.existing || item.existing->fingerprint != item.change.fingerprint;
  if (parts_.keep_checks) {
    const auto first = article.findings.begin();
    const BodyCheck check{hash_resources(content),
                          used_,
                          {first + static_cast<std::ptrdiff_t>(body_findings_begin_),
                           first + static_cast<std::ptrdiff_t>(body_findings_end_)}};
    item.change.body_check =
        keep_check(check, input_, item.change.fingerprint, item.path, in_articles(content.content_path));
    item.check_is_new = !differs && item.existing->body_check != item.change.body_check;
  }
  item.keep_content = differs && parts_.keep_contents;
  if (item.keep_content) content.links.clear();
  if (differs) item.change.content = storage::content_of(content, pack_body(content.body));
  // What is kept packed is let go here, and its memory serves the next article.
  content.links = {};
  body_ = std::exchange(content.body, {});
  if (body_.capacity() > kMostKeptBuffer) body_ = std::string();
  if (!differs || item.keep_content) html_.text = std::exchange(content.text, {});
  const auto& kept = item.change.content;
  return kept.metadata.size() + kept.links.bytes.size() + kept.body.bytes.size() + content.text.size() +
         kOthers;
}

knowledge::Packed ArticleChecker::pack_body(const std::string& body) const {
  // As it lies in a zip; unpack() has seen that these bytes are the body.
  if (const auto deflated = parts_.package.files->deflated(body_file_, packed_); deflated && !body.empty())
    return {std::string(*deflated), body.size()};
  return storage::pack(body);
}

}  // namespace waybill::worker
