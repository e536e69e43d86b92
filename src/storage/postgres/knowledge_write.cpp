#include "storage/postgres/knowledge_write.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>

#include "storage/postgres/copy_rows.h"
#include "storage/postgres/knowledge_read.h"
#include "storage/sql/article_json.h"

namespace waybill::storage::postgres {

namespace {

using knowledge::Article;
using knowledge::Change;
using knowledge::Folder;
using knowledge::Topic;
using sql::Query;
using sql::Sql;

const Article& article_of(const Change& change) {
  return std::get<Article>(change.item);
}

std::string_view bytes_of(const JobId& id) {
  return sql::blob(id).bytes;
}

/// The last numbers before those that are now this batch's.
Result<sql::Sequences> take_numbers(Connection& writer, std::int64_t ids, std::int64_t changes) {
  if (ids == 0 && changes == 0) return sql::Sequences{};
  Query query(writer, Sql::take_numbers, ids, changes);
  WB_TRY(const bool row, query.step());
  if (!row) return Error{ErrorCode::corrupt, "the database has lost its sequences: restore it from a backup"};
  return sql::Sequences{query.integer(0), query.integer(1)};
}

/// Articles that follow each other in a batch, no two of which have the same identity.
class ArticleWriter {
 public:
  ArticleWriter(Connection& writer, const sql::Origin& origin, std::span<const Change> changes)
      : writer_(writer), origin_(origin), changes_(changes), stored_(changes.size()) {}

  /// Appends the articles' ids to `ids`.
  Result<void> write(std::vector<KnowledgeId>& ids);

 private:
  /// What is there under an article's identity; id 0: nothing.
  struct Stored {
    std::int64_t id = 0;
    Sha256 fingerprint{};
    std::int64_t revision = 0;
    std::int64_t change = 0;
  };
  /// One that differs from what is there.
  struct Written {
    std::size_t place;
    std::int64_t change;
    std::optional<std::int64_t> previous;  // change of the revision that it replaces; nullopt: it is new
  };
  Result<void> find_folders();
  Result<void> find_articles();
  bool is_unchanged(std::size_t place) const;
  /// All that needs no number.
  Result<void> prepare();
  Result<void> take_their_numbers();
  void add_article(CopyRows& rows, const Written& written) const;
  void add_revision(CopyRows& rows, const Written& written) const;
  /// Articles that are there and change.
  Result<void> update();
  Result<void> write_rows();

  Connection& writer_;
  const sql::Origin& origin_;
  const std::span<const Change> changes_;
  std::vector<Stored> stored_;
  std::vector<std::int64_t> folders_;  // of each article
  std::vector<Written> written_;
};

Result<void> ArticleWriter::find_folders() {
  std::set<std::string_view> wanted;
  for (const Change& change : changes_) wanted.insert(article_of(change).folder);
  const std::string paths = array_of(wanted);
  std::unordered_map<std::string, std::int64_t> found;
  Query query(writer_, Sql::folders_of_articles, origin_.department, paths);
  while (true) {
    WB_TRY(const bool row, query.step());
    if (!row) break;
    found.emplace(query.string(0), query.integer(1));
  }
  for (const Change& change : changes_) {
    const std::string& path = article_of(change).folder;
    const auto folder = found.find(clean_text(path));
    if (folder == found.end()) {
      return Error{ErrorCode::internal, "an article was to be stored in a folder that does not exist", path};
    }
    folders_.push_back(folder->second);
  }
  return {};
}

Result<void> ArticleWriter::find_articles() {
  std::vector<std::string_view> names, languages;
  for (const Change& change : changes_) {
    names.push_back(article_of(change).name);
    languages.push_back(article_of(change).language);
  }
  const std::string folder_array = array_of(folders_);
  const std::string name_array = array_of(names);
  const std::string language_array = array_of(languages);
  Query query(writer_, Sql::articles_there, folder_array, name_array, language_array);
  while (true) {
    WB_TRY(const bool row, query.step());
    if (!row) return {};
    stored_.at(static_cast<std::size_t>(query.integer(0)) - 1) = {query.integer(1), query.hash(2),
                                                                  query.integer(3), query.integer(4)};
  }
}

bool ArticleWriter::is_unchanged(std::size_t place) const {
  return stored_[place].id != 0 && stored_[place].fingerprint == changes_[place].fingerprint;
}

Result<void> ArticleWriter::prepare() {
  WB_CHECK_OK(find_folders());
  WB_CHECK_OK(find_articles());
  std::set<std::string_view> types;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (is_unchanged(i)) continue;
    const Article& article = article_of(changes_[i]);
    if (!article.type_name.empty()) types.insert(article.type_name);
  }
  if (types.empty()) return {};
  const std::string array = array_of(types);
  return Query(writer_, Sql::add_article_types, origin_.department, array).run();
}

Result<void> ArticleWriter::take_their_numbers() {
  std::int64_t ids = 0;
  for (std::size_t place = 0; place < changes_.size(); ++place) {
    if (is_unchanged(place)) continue;
    const Stored& stored = stored_[place];
    written_.push_back({place, 0, stored.id == 0 ? std::nullopt : std::optional(stored.change)});
    if (stored.id == 0) ++ids;
  }
  WB_TRY(sql::Sequences last, take_numbers(writer_, ids, static_cast<std::int64_t>(written_.size())));
  for (Written& written : written_) {
    written.change = ++last.change;
    if (!written.previous) stored_[written.place].id = ++last.id;
  }
  return {};
}

void ArticleWriter::add_article(CopyRows& rows, const Written& written) const {
  const Change& change = changes_[written.place];
  const Article& article = article_of(change);
  rows.begin_row();
  rows.add_bigint(stored_[written.place].id);
  rows.add_text(origin_.department.value());
  rows.add_bigint(folders_[written.place]);
  rows.add_text(article.name);
  rows.add_text(article.language);
  rows.add_text(article.macro);
  rows.add_bytes(as_bytes(change.fingerprint));
  rows.add_bigint(1);
  rows.add_bigint(written.change);
  rows.add_bytes(bytes_of(origin_.job));
  rows.add_bigint(sql::to_integer(origin_.now));
  rows.add_bigint(sql::to_integer(origin_.now));
  rows.add_bytes(change.body_check);
}

void ArticleWriter::add_revision(CopyRows& rows, const Written& written) const {
  const Change& change = changes_[written.place];
  const Article& article = article_of(change);
  const Stored& stored = stored_[written.place];
  const knowledge::ArticleContent& content = change.content;
  rows.begin_row();
  rows.add_bigint(written.change);
  rows.add_bigint(stored.id);
  rows.add_bigint(stored.revision + 1);
  rows.add_bigint(written.previous);
  rows.add_bytes(bytes_of(origin_.job));
  rows.add_bytes(as_bytes(change.fingerprint));
  rows.add_text(content.metadata);
  if (content.links.bytes.empty()) {
    rows.add_null();
    rows.add_null();
  } else {
    rows.add_bytes(content.links.bytes);
    rows.add_bigint(static_cast<std::int64_t>(content.links.size));
  }
  rows.add_text(article.text);
  rows.add_bytes(content.body.bytes);
  rows.add_bigint(static_cast<std::int64_t>(content.body.size));
  rows.add_text(article.macro);
  rows.add_bigint(sql::to_integer(origin_.now));
}

Result<void> ArticleWriter::update() {
  std::vector<std::int64_t> articles, changes;
  std::vector<std::string_view> macros, fingerprints, checks;
  for (const Written& written : written_) {
    if (!written.previous) continue;
    const Change& change = changes_[written.place];
    articles.push_back(stored_[written.place].id);
    changes.push_back(written.change);
    macros.push_back(article_of(change).macro);
    fingerprints.push_back(as_bytes(change.fingerprint));
    checks.push_back(change.body_check);
  }
  if (articles.empty()) return {};
  const std::string ids = array_of(articles);
  const std::string macro_array = array_of(macros);
  const std::string fingerprint_array = array_of_bytes(fingerprints);
  const std::string to = array_of(changes);
  const std::string check_array = array_of_bytes(checks);
  return Query(writer_, Sql::update_articles, ids, macro_array, fingerprint_array, to, origin_.job,
               origin_.now, check_array)
      .run();
}

Result<void> ArticleWriter::write_rows() {
  const auto is_new = [](const Written& written) { return !written.previous; };
  if (std::any_of(written_.begin(), written_.end(), is_new)) {
    WB_CHECK_OK(
        writer_.copy_in("COPY articles (id, department, folder, name, language, macro, fingerprint, "
                        "revision, change, job, created, modified, body_check) FROM STDIN (FORMAT binary)",
                        13, [&](CopyRows& rows) {
                          for (const Written& written : written_) {
                            if (is_new(written)) add_article(rows, written);
                          }
                        }));
  }
  if (written_.empty()) return {};
  return writer_.copy_in(
      "COPY article_revisions (change, article, revision, previous, job, fingerprint, "
      "metadata, packed_links, links_size, text, packed_body, body_size, macro, time) FROM "
      "STDIN (FORMAT binary)",
      14, [&](CopyRows& rows) {
        for (const Written& written : written_) add_revision(rows, written);
      });
}

Result<void> ArticleWriter::write(std::vector<KnowledgeId>& ids) {
  WB_CHECK_OK(prepare());
  WB_CHECK_OK(take_their_numbers());
  WB_CHECK_OK(update());
  WB_CHECK_OK(write_rows());
  for (const Stored& stored : stored_) ids.emplace_back(stored.id);
  return {};
}

/// What is particular to a table whose items have a path.
template <typename Item>
struct Table;

template <>
struct Table<Folder> {
  static constexpr Sql kFind = Sql::find_folders;
  static constexpr int kColumns = 11;
  static constexpr const char* kCopy =
      "COPY folders (id, department, path, parent, name, description, fingerprint, revision, job, created, "
      "modified) FROM STDIN (FORMAT binary)";
  /// What stands between the path and the fingerprint.
  static void add(CopyRows& rows, const Folder& folder) {
    const auto [parent, name] = sql::split_path(folder.path);
    rows.add_text(parent);
    rows.add_text(name);
    rows.add_text(folder.description);
  }
};

template <>
struct Table<Topic> {
  static constexpr Sql kFind = Sql::find_topics;
  static constexpr int kColumns = 12;
  static constexpr const char* kCopy =
      "COPY topics (id, department, path, parent, description, articles, folders, fingerprint, revision, "
      "job, created, modified) FROM STDIN (FORMAT binary)";
  static void add(CopyRows& rows, const Topic& topic) {
    rows.add_text(sql::split_path(topic.path).first);
    rows.add_text(topic.description);
    rows.add_text(sql::article_path_list(topic.articles));
    rows.add_text(sql::text_list(topic.folders));
  }
};

/// Folders that follow each other in a batch, or topics, each with a path of its own: those that are new are
/// written at once, those that are there one by one.
template <typename Item>
Result<void> write_items(Connection& writer, const sql::Origin& origin, std::span<const Change> changes,
                         std::vector<KnowledgeId>& ids) {
  std::vector<std::string_view> paths;
  for (const Change& change : changes) paths.push_back(std::get<Item>(change.item).path);
  WB_TRY(const AllFound there, find_all(writer, Table<Item>::kFind, origin.department, paths));
  WB_TRY(sql::Sequences last, take_numbers(writer, std::count(there.begin(), there.end(), std::nullopt), 0));
  std::vector<std::pair<std::size_t, std::int64_t>> added;  // place, id
  for (std::size_t i = 0; i < changes.size();) {
    std::size_t known = 0;  // that are there, from this one on
    while (i + known < changes.size() && there[i + known]) ++known;
    if (known > 0) {
      WB_TRY(const auto more, sql::write_changes(writer, origin, changes.subspan(i, known)));
      ids.insert(ids.end(), more.begin(), more.end());
      i += known;
      continue;
    }
    ids.emplace_back(++last.id);
    added.emplace_back(i, last.id);
    ++i;
  }
  if (added.empty()) return {};
  return writer.copy_in(Table<Item>::kCopy, Table<Item>::kColumns, [&](CopyRows& rows) {
    for (const auto& [place, id] : added) {
      rows.begin_row();
      rows.add_bigint(id);
      rows.add_text(origin.department.value());
      rows.add_text(paths[place]);
      Table<Item>::add(rows, std::get<Item>(changes[place].item));
      rows.add_bytes(as_bytes(changes[place].fingerprint));
      rows.add_bigint(1);
      rows.add_bytes(bytes_of(origin.job));
      rows.add_bigint(sql::to_integer(origin.now));
      rows.add_bigint(sql::to_integer(origin.now));
    }
  });
}

using Identity = std::tuple<std::string, std::string, std::string>;

Identity identity(const Article& article) {
  return {clean_text(article.folder), clean_text(article.name), article.language};
}

template <typename Item>
Identity identity(const Item& item) {
  return {clean_text(item.path), "", ""};
}

/// The changes from the first on that are of its kind, with an identity each of its own.
template <typename Item>
std::span<const Change> in_front(std::span<const Change> changes) {
  std::set<Identity> seen;
  for (const Change& change : changes) {
    const auto* item = std::get_if<Item>(&change.item);
    if (item == nullptr || !seen.insert(identity(*item)).second) break;
  }
  return changes.first(seen.size());
}

}  // namespace

Result<std::vector<KnowledgeId>> write_changes(Connection& writer, const sql::Origin& origin,
                                               std::span<const Change> changes) {
  std::vector<KnowledgeId> ids;
  ids.reserve(changes.size());
  while (ids.size() < changes.size()) {
    const std::span<const Change> left = changes.subspan(ids.size());
    if (const auto articles = in_front<Article>(left); !articles.empty()) {
      WB_CHECK_OK(ArticleWriter(writer, origin, articles).write(ids));
    } else if (const auto folders = in_front<Folder>(left); !folders.empty()) {
      WB_CHECK_OK(write_items<Folder>(writer, origin, folders, ids));
    } else if (const auto topics = in_front<Topic>(left); !topics.empty()) {
      WB_CHECK_OK(write_items<Topic>(writer, origin, topics, ids));
    } else {
      WB_TRY(const auto portal, sql::write_changes(writer, origin, left.first(1)));
      ids.push_back(portal.front());
    }
  }
  return ids;
}

}  // namespace waybill::storage::postgres
