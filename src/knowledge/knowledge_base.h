#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "knowledge/model.h"

namespace waybill::knowledge {

/// What is there under an identity.
struct Existing {
  KnowledgeId id;
  Sha256 fingerprint{};
  std::string body_check = {};  // articles: as Change::body_check was when it was last written
};

/// What an article is known by in its department.
struct ArticleIdentity {
  std::string_view folder, name, language;
};

/// A row of a list, with what people look for.
struct FolderRow {
  KnowledgeId id;
  Folder folder;
  std::int64_t article_count = 0;
  Time modified{};
};
struct ArticleRow {
  KnowledgeId id;
  Article article;  // without body and links, which have calls of their own; in lists without text as well
  std::int64_t revision = 1;
  JobId job;  // that wrote this revision
  Time created{};
  Time modified{};
};
struct TopicRow {
  KnowledgeId id;
  Topic topic;
  std::vector<KnowledgeId> articles;  // resolved, at most 1000
  std::int64_t article_count = 0;
  Time modified{};
};
struct PortalRow {
  KnowledgeId id;
  Portal portal;
  std::vector<KnowledgeId> topics;  // resolved
  Time modified{};
};

/// Where an article's body links to, resolved now.
struct ResolvedLink {
  ArticleLink link;
  std::optional<KnowledgeId> target;
};

struct ListFilter {
  Department department;
  std::string parent;  // folder or topic path; empty: all
  std::optional<KnowledgeId> after;
  std::size_t limit = 50;
};

struct SearchHit {
  KnowledgeId id;
  std::string path;
  std::string name;
  std::string language;
  std::string
      snippet;       // plain text; hits are between U+E000 and U+E001 (private use), for the caller to mark
  double score = 0;  // higher is better
};

/// Reads the knowledge base. Written only with a batch (storage/store.h). Any thread. Errors: unavailable,
/// io, and not_found where an id or path is asked for that this department does not have.
class KnowledgeBase {
 public:
  virtual ~KnowledgeBase() = default;

  using Found = std::optional<Existing>;

  // What checks need; each by full path, exactly. Those that take many answer in their order.
  virtual Result<std::vector<Found>> find_folders(const Department& department,
                                                  std::span<const std::string_view> paths) = 0;
  virtual Result<std::vector<Found>> find_topics(const Department& department,
                                                 std::span<const std::string_view> paths) = 0;
  virtual Result<std::vector<Found>> find_portals(const Department& department,
                                                  std::span<const std::string_view> names) = 0;
  virtual Result<std::vector<Found>> find_articles(const Department& department,
                                                   std::span<const ArticleIdentity> articles) = 0;
  Result<Found> find_folder(const Department& department, std::string_view path) {
    return only(find_folders(department, {&path, 1}));
  }
  Result<Found> find_topic(const Department& department, std::string_view path) {
    return only(find_topics(department, {&path, 1}));
  }
  Result<Found> find_portal(const Department& department, std::string_view name) {
    return only(find_portals(department, {&name, 1}));
  }
  Result<Found> find_article(const Department& department, std::string_view folder, std::string_view name,
                             std::string_view language) {
    const ArticleIdentity article{folder, name, language};
    return only(find_articles(department, {&article, 1}));
  }
  /// True where an article of this path exists in any language.
  virtual Result<bool> has_article(const Department& department, std::string_view folder,
                                   std::string_view name) = 0;
  /// The article that holds a macro.
  virtual Result<std::optional<KnowledgeId>> find_macro(const Department& department,
                                                        std::string_view macro) = 0;
  virtual Result<bool> has_article_type(const Department& department, std::string_view type_name) = 0;
  /// Names directly below a folder path (empty: the top), at most 200: for "did you mean".
  virtual Result<std::vector<std::string>> folder_names(const Department& department,
                                                        std::string_view parent) = 0;

  // What people read.
  virtual Result<std::vector<FolderRow>> folders(const ListFilter& filter) = 0;
  virtual Result<std::vector<ArticleRow>> articles(const ListFilter& filter) = 0;
  virtual Result<std::vector<TopicRow>> topics(const ListFilter& filter) = 0;
  virtual Result<std::vector<PortalRow>> portals(const ListFilter& filter) = 0;
  /// With text, without body. Errors: not_found.
  virtual Result<ArticleRow> article(const Department& department, KnowledgeId id) = 0;
  /// The body, byte for byte. Errors: not_found.
  virtual Result<std::string> body(const Department& department, KnowledgeId id) = 0;
  virtual Result<std::vector<ResolvedLink>> links(const Department& department, KnowledgeId id) = 0;
  /// The words of `query` as a person types them; never a syntax error. Best first.
  virtual Result<std::vector<SearchHit>> search(const Department& department, std::string_view query,
                                                std::size_t limit, std::size_t offset) = 0;

 private:
  static Result<Found> only(Result<std::vector<Found>> found) {
    if (!found) return std::move(found).error();
    return std::move(found->front());
  }
};

}  // namespace waybill::knowledge
