#include <algorithm>

#include "base/text.h"
#include "validation/article_lists.h"
#include "validation/checks.h"
#include "validation/item_path.h"
#include "validation/members.h"
#include "validation/values.h"

namespace waybill::validation {

using knowledge::Article;
using package::JsonDocument;
using package::JsonKind;
using package::JsonValue;
using report::ItemKind;
using report::Rule;

namespace {

constexpr auto kArticleMembers = std::to_array<Member>({
    {"name", JsonKind::string},
    {"folder", JsonKind::object},
    {"content", JsonKind::string},
    {"description", JsonKind::string},
    {"articleSummary", JsonKind::string},
    {"articleKeywords", JsonKind::string},
    {"additionalInfo", JsonKind::string},
    {"articleMacro", JsonKind::string},
    {"articleType", JsonKind::object},
    {"languageCode", JsonKind::string},
    {"availabilityDate", JsonKind::string},
    {"expirationDate", JsonKind::string},
    {"customAttributes", JsonKind::array},
    {"attachments", JsonKind::array},
    {"tags", JsonKind::array},
    {"imageURL", JsonKind::string},
    {"includeInGenAI", JsonKind::boolean},
});
constexpr auto kFolderMembers = std::to_array<Member>({{"path", JsonKind::string}});
constexpr auto kTypeMembers = std::to_array<Member>({{"typeName", JsonKind::string}});

constexpr Shape kArticle = article_shape("an article", kArticleMembers);
constexpr Shape kFolder = article_shape("an article's folder", kFolderMembers);
constexpr Shape kType = article_shape("an article's type", kTypeMembers);

/// Texts that are only bounded in length.
struct TextMember {
  std::string_view name;
  std::size_t most;
  std::string Article::*target;
};
constexpr auto kTexts = std::to_array<TextMember>({
    {"description", Limits::kArticleDescription, &Article::description},
    {"articleSummary", Limits::kArticleSummary, &Article::summary},
    {"articleKeywords", Limits::kArticleKeywords, &Article::keywords},
    {"additionalInfo", Limits::kAdditionalInfo, &Article::additional_info},
});

bool is_article_name(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos &&
         (name.size() <= Limits::kName || utf8_length(name) <= Limits::kName);
}

const JsonValue* folder_path_of(const JsonValue& root) {
  const JsonValue* folder = member_of(root, "folder", JsonKind::object);
  return folder == nullptr ? nullptr : member_of(*folder, "path", JsonKind::string);
}

/// Reads one article's object; each function below reads one part of it.
class ArticleReader {
 public:
  ArticleReader(const JsonDocument& document, std::string_view file, std::string_view pointer,
                CheckedArticle& out)
      : root_(document.root()), trail_(pointer), out_(out), item_(out.item), reporter_([&] {
          read_identity();
          return Reporter(document, file, ItemKind::article, article_item_path(item_, pointer), out.findings);
        }()) {
    out_.location = reporter_.locate(trail_, root_.offset);
  }

  void read(std::string_view default_language) {
    if (check_shape(reporter_, root_, trail_, kArticle)) {
      check_name();
      check_folder();
      check_content();
      read_texts();
      read_macro();
      read_type();
      read_language(default_language);
      read_dates();
      read_attributes(reporter_, root_, trail_, item_);
      read_attachments(reporter_, root_, trail_, out_.attachments);
      read_tags(reporter_, root_, trail_, item_);
      read_image_url();
      if (const JsonValue* value = member_of(root_, "includeInGenAI", JsonKind::boolean)) {
        item_.include_in_gen_ai = value->boolean;
      }
    }
    out_.acceptable = !reporter_.failed();
  }

 private:
  const JsonValue* text(std::string_view name) const { return member_of(root_, name, JsonKind::string); }
  report::Location place_of(const JsonValue& value, std::string_view name) const {
    return reporter_.locate(trail_.member(name), value.offset);
  }
  void report(Rule rule, const Trail& trail, const JsonValue& value, Problem problem) {
    reporter_.report(rule, trail, value, std::move(problem.message), std::move(problem.advice));
  }

  /// Folder and name, where they are fit to be used: the findings need them from the first one on.
  void read_identity() {
    if (const JsonValue* path = folder_path_of(root_); path != nullptr && !folder_path_problem(path->text)) {
      item_.folder = path->text;
    }
    if (const JsonValue* name = text("name"); name != nullptr && is_article_name(name->text)) {
      item_.name = name->text;
    }
  }

  void check_name() {
    if (!require(reporter_, root_, trail_, "name", Rule::article_name)) return;
    const JsonValue* name = text("name");
    if (name == nullptr) return;
    const Trail at = trail_.member("name");
    out_.name_location = place_of(*name, "name");
    check_length(reporter_, *name, at, "The article's name", {Rule::article_name, 1, Limits::kName});
    if (name->text.find('/') == std::string_view::npos) return;
    std::string without(name->text);
    std::replace(without.begin(), without.end(), '/', '-');
    reporter_.report(
        Rule::article_name, at, *name,
        "The article's name " + quoted(name->text) + " has a '/', which separates folders.",
        "Name the folder in \"folder\": {\"path\"}, or write for example " + quoted(without) + ".");
  }

  void check_folder() {
    if (!require(reporter_, root_, trail_, "folder", Rule::article_folder)) return;
    const JsonValue* folder = member_of(root_, "folder", JsonKind::object);
    if (folder == nullptr) return;
    const Trail at = trail_.member("folder");
    out_.folder_location = reporter_.locate(at, folder->offset);
    check_shape(reporter_, *folder, at, kFolder);
    require(reporter_, *folder, at, "path", Rule::article_folder);
    const JsonValue* path = folder_path_of(root_);
    if (path == nullptr) return;
    const Trail path_at = at.member("path");
    out_.folder_location = reporter_.locate(path_at, path->offset);
    if (auto problem = folder_path_problem(path->text)) {
      report(Rule::article_folder, path_at, *path, std::move(*problem));
    }
  }

  void check_content() {
    if (!require(reporter_, root_, trail_, "content", Rule::article_content)) return;
    const JsonValue* content = text("content");
    if (content == nullptr) return;
    out_.content_location = place_of(*content, "content");
    if (auto problem = content_path_problem(content->text)) {
      report(Rule::article_content, trail_.member("content"), *content, std::move(*problem));
    } else {
      item_.content_path = without_dots(content->text);
    }
  }

  void read_texts() {
    for (const TextMember& member : kTexts) {
      const JsonValue* value = text(member.name);
      if (value == nullptr) continue;
      if (value->text.size() > member.most &&
          !check_length(reporter_, *value, trail_.member(member.name), quoted(member.name),
                        {Rule::article_text_length, 0, member.most})) {
        continue;
      }
      item_.*member.target = value->text;
    }
  }

  void read_macro() {
    const JsonValue* macro = text("articleMacro");
    if (macro == nullptr) return;
    out_.macro_location = place_of(*macro, "articleMacro");
    if (auto problem = macro_problem(macro->text)) {
      report(Rule::article_macro, trail_.member("articleMacro"), *macro, std::move(*problem));
    } else {
      item_.macro = macro->text;
    }
  }

  void read_type() {
    const JsonValue* type = member_of(root_, "articleType", JsonKind::object);
    if (type == nullptr) return;
    const Trail at = trail_.member("articleType");
    check_shape(reporter_, *type, at, kType);
    require(reporter_, *type, at, "typeName", Rule::article_type);
    const JsonValue* name = member_of(*type, "typeName", JsonKind::string);
    if (name == nullptr) return;
    const Trail name_at = at.member("typeName");
    out_.type_location = reporter_.locate(name_at, name->offset);
    if (check_length(reporter_, *name, name_at, "The article type's name",
                     {Rule::article_type, 1, Limits::kTypeName})) {
      item_.type_name = name->text;
    }
  }

  void read_language(std::string_view default_language) {
    const JsonValue* language = text("languageCode");
    if (language == nullptr) {
      out_.language_location = out_.location;
      // A value of the wrong type names a language that is not known, not the default.
      if (root_.find("languageCode") == nullptr) {
        item_.language = default_language.empty() ? "en-US" : default_language;
      }
      return;
    }
    const Trail at = trail_.member("languageCode");
    out_.language_location = place_of(*language, "languageCode");
    if (auto problem = language_problem(language->text)) {
      report(Rule::article_language, at, *language, std::move(*problem));
      return;
    }
    const auto newer = language_of_older_spelling(language->text);
    item_.language = newer.value_or(language->text);
    if (!newer) return;
    reporter_.report(
        Rule::article_language_old, at, *language,
        quoted(language->text) + " is an older spelling of " + quoted(*newer) + " and taken as that.",
        "Write " + quoted(*newer) + ".");
  }

  std::optional<Time> read_date(std::string_view name) {
    const JsonValue* value = text(name);
    if (value == nullptr) return std::nullopt;
    auto date = strict_date(value->text);
    if (!date) report(Rule::article_date, trail_.member(name), *value, date_problem(value->text));
    return date;
  }

  void read_dates() {
    item_.availability = read_date("availabilityDate");
    item_.expiration = read_date("expirationDate");
    if (!item_.availability || !item_.expiration || *item_.expiration > *item_.availability) return;
    const bool same = *item_.expiration == *item_.availability;
    reporter_.report(Rule::article_date_order, trail_.member("expirationDate"), *text("expirationDate"),
                     "The article expires at " + format_time(*item_.expiration) + ", " +
                         (same ? "the moment it becomes available."
                               : "before it is available at " + format_time(*item_.availability) + "."));
  }

  void read_image_url() {
    const JsonValue* url = text("imageURL");
    if (url == nullptr) return;
    if (auto problem = image_url_problem(url->text)) {
      report(Rule::article_image_url, trail_.member("imageURL"), *url, std::move(*problem));
    } else {
      item_.image_url = url->text;
    }
  }

  const JsonValue& root_;
  const Trail trail_;
  CheckedArticle& out_;
  Article& item_;
  Reporter reporter_;
};

}  // namespace

std::string article_item_path(const Article& article, std::string_view pointer) {
  std::string path = article.folder;
  if (!path.empty()) path += '/';
  if (!article.name.empty()) return path + article.name;
  if (pointer.starts_with('/')) pointer.remove_prefix(1);
  return path + "(no name, " + std::string(pointer) + ")";
}

CheckedArticle check_article(const JsonDocument& document, std::string_view file, std::string_view pointer,
                             std::string_view default_language) {
  CheckedArticle article;
  ArticleReader(document, file, pointer, article).read(default_language);
  return article;
}

CheckedArticle defective_article(const package::JsonDefect& defect, std::string_view file,
                                 std::string_view pointer) {
  CheckedArticle article;
  article.acceptable = false;
  article.location = {std::string(file), std::string(pointer), defect.position.line, defect.position.column};
  article.findings.push_back({defect.rule, ItemKind::article, article_item_path(article.item, pointer),
                              article.location, defect.message,
                              std::string(report::info(defect.rule).remedy)});
  return article;
}

}  // namespace waybill::validation
