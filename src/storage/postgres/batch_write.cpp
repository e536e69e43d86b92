#include "storage/postgres/batch_write.h"

#include <set>
#include <span>
#include <tuple>
#include <unordered_map>

#include "storage/postgres/copy_rows.h"
#include "storage/sql/article_json.h"
#include "storage/sql/batch.h"
#include "storage/sql/knowledge_undo.h"
#include "storage/sql/knowledge_write.h"

namespace waybill::storage::postgres {

namespace {

using knowledge::Article;
using knowledge::Change;
using sql::Query;
using sql::Sql;

const Article& article_of(const Change& change) {
  return std::get<Article>(change.item);
}

std::string_view bytes_of(const JobId& id) {
  return sql::blob(id).bytes;
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
  Result<void> find_folders();
  Result<void> find_articles();
  bool is_unchanged(std::size_t place) const;
  /// All that needs no number.
  Result<void> prepare();
  Result<sql::Sequences> take_numbers();
  void add(std::size_t place, sql::Sequences& last);
  Result<void> send();

  Connection& writer_;
  const sql::Origin& origin_;
  const std::span<const Change> changes_;
  std::vector<Stored> stored_;
  std::vector<std::int64_t> folders_;  // of each article

  CopyRows articles_{13};
  CopyRows revisions_{14};
  // Articles that are there and change.
  std::vector<std::int64_t> updated_, updated_to_;
  std::vector<std::string_view> updated_macros_, updated_fingerprints_, updated_checks_;
};

Result<void> ArticleWriter::find_folders() {
  std::set<std::string_view> wanted;
  for (const Change& change : changes_) wanted.insert(article_of(change).folder);
  const std::string paths = array_of(std::vector<std::string_view>(wanted.begin(), wanted.end()));
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
  const std::string array = array_of(std::vector<std::string_view>(types.begin(), types.end()));
  return Query(writer_, Sql::add_article_types, origin_.department, array).run();
}

/// The last numbers before those that are now this batch's.
Result<sql::Sequences> ArticleWriter::take_numbers() {
  std::int64_t ids = 0, changes = 0;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (is_unchanged(i)) continue;
    ++changes;
    if (stored_[i].id == 0) ++ids;
  }
  if (changes == 0) return sql::Sequences{};
  Query query(writer_, Sql::take_numbers, ids, changes);
  WB_TRY(const bool row, query.step());
  if (!row) return Error{ErrorCode::corrupt, "the database has lost its sequences: restore it from a backup"};
  return sql::Sequences{query.integer(0), query.integer(1)};
}

void ArticleWriter::add(std::size_t place, sql::Sequences& last) {
  if (is_unchanged(place)) return;
  const Article& article = article_of(changes_[place]);
  const Sha256& fingerprint = changes_[place].fingerprint;
  Stored& stored = stored_[place];
  ++last.change;
  std::optional<std::int64_t> previous;
  if (stored.id != 0) {
    previous = stored.change;
    updated_.push_back(stored.id);
    updated_to_.push_back(last.change);
    updated_macros_.push_back(article.macro);
    updated_fingerprints_.push_back(as_bytes(fingerprint));
    updated_checks_.push_back(changes_[place].body_check);
  } else {
    stored.id = ++last.id;
    articles_.begin_row();
    articles_.add_bigint(stored.id);
    articles_.add_text(origin_.department.value());
    articles_.add_bigint(folders_[place]);
    articles_.add_text(article.name);
    articles_.add_text(article.language);
    articles_.add_text(article.macro);
    articles_.add_bytes(as_bytes(fingerprint));
    articles_.add_bigint(1);
    articles_.add_bigint(last.change);
    articles_.add_bytes(bytes_of(origin_.job));
    articles_.add_bigint(sql::to_integer(origin_.now));
    articles_.add_bigint(sql::to_integer(origin_.now));
    articles_.add_bytes(changes_[place].body_check);
  }
  revisions_.begin_row();
  revisions_.add_bigint(last.change);
  revisions_.add_bigint(stored.id);
  revisions_.add_bigint(stored.revision + 1);
  revisions_.add_bigint(previous);
  revisions_.add_bytes(bytes_of(origin_.job));
  revisions_.add_bytes(as_bytes(fingerprint));
  const knowledge::ArticleContent& content = changes_[place].content;
  revisions_.add_text(content.metadata);
  if (content.links.bytes.empty()) {
    revisions_.add_null();
    revisions_.add_null();
  } else {
    revisions_.add_bytes(content.links.bytes);
    revisions_.add_bigint(static_cast<std::int64_t>(content.links.size));
  }
  revisions_.add_text(article.text);
  revisions_.add_bytes(content.body.bytes);
  revisions_.add_bigint(static_cast<std::int64_t>(content.body.size));
  revisions_.add_text(article.macro);
  revisions_.add_bigint(sql::to_integer(origin_.now));
}

Result<void> ArticleWriter::send() {
  if (!updated_.empty()) {
    const std::string ids = array_of(updated_);
    const std::string macros = array_of(updated_macros_);
    const std::string fingerprints = array_of_bytes(updated_fingerprints_);
    const std::string to = array_of(updated_to_);
    const std::string checks = array_of_bytes(updated_checks_);
    WB_CHECK_OK(
        Query(writer_, Sql::update_articles, ids, macros, fingerprints, to, origin_.job, origin_.now, checks)
            .run());
  }
  if (!articles_.empty()) {
    WB_CHECK_OK(
        writer_.copy_in("COPY articles (id, department, folder, name, language, macro, fingerprint, "
                        "revision, change, job, created, modified, body_check) FROM STDIN (FORMAT binary)",
                        articles_.take()));
  }
  if (!revisions_.empty()) {
    WB_CHECK_OK(
        writer_.copy_in("COPY article_revisions (change, article, revision, previous, job, fingerprint, "
                        "metadata, packed_links, links_size, text, packed_body, body_size, macro, time) FROM "
                        "STDIN (FORMAT binary)",
                        revisions_.take()));
  }
  return {};
}

Result<void> ArticleWriter::write(std::vector<KnowledgeId>& ids) {
  WB_CHECK_OK(prepare());
  WB_TRY(sql::Sequences last, take_numbers());
  for (std::size_t i = 0; i < changes_.size(); ++i) add(i, last);
  WB_CHECK_OK(send());
  for (const Stored& stored : stored_) ids.emplace_back(stored.id);
  return {};
}

/// How many of the changes, from the first on, are articles with an identity each of its own.
std::size_t articles_in_front(std::span<const Change> changes) {
  std::set<std::tuple<std::string_view, std::string_view, std::string_view>> seen;
  std::size_t count = 0;
  for (const Change& change : changes) {
    const auto* article = std::get_if<Article>(&change.item);
    if (article == nullptr || !seen.emplace(article->folder, article->name, article->language).second) break;
    ++count;
  }
  return count;
}

Result<std::vector<KnowledgeId>> write_all_changes(Connection& writer, const sql::Origin& origin,
                                                   std::span<const Change> changes) {
  std::vector<KnowledgeId> ids;
  ids.reserve(changes.size());
  while (!changes.empty()) {
    if (const std::size_t articles = articles_in_front(changes); articles > 0) {
      WB_CHECK_OK(ArticleWriter(writer, origin, changes.first(articles)).write(ids));
      changes = changes.subspan(articles);
      continue;
    }
    // Folders, topics and portals are few and small.
    std::vector<Change> others;
    while (!changes.empty() && !std::holds_alternative<Article>(changes.front().item)) {
      others.push_back(changes.front());
      changes = changes.subspan(1);
    }
    WB_TRY(const auto more, sql::write_changes(writer, origin, others));
    ids.insert(ids.end(), more.begin(), more.end());
  }
  return ids;
}

Result<void> write_checks(Connection& writer, const std::vector<Batch::BodyCheck>& checks) {
  if (checks.empty()) return {};
  std::vector<std::int64_t> articles;
  std::vector<std::string_view> texts;
  for (const Batch::BodyCheck& one : checks) {
    articles.push_back(one.article.value());
    texts.push_back(one.check);
  }
  const std::string ids = array_of(articles);
  const std::string given = array_of_bytes(texts);
  return Query(writer, Sql::set_body_checks, ids, given).run();
}

Result<void> write_records(Connection& writer, const sql::OwnedJob& job, const Batch& batch,
                           const std::vector<KnowledgeId>& ids) {
  if (batch.records.empty()) return {};
  CopyRows rows(7);
  for (const Batch::Record& record : batch.records) {
    std::optional<KnowledgeId> id = record.item.id;
    if (record.change) id = ids.at(*record.change);
    rows.begin_row();
    rows.add_bigint(job.number);
    rows.add_bigint(record.item.number);
    rows.add_smallint(static_cast<int>(record.item.kind));
    rows.add_smallint(static_cast<int>(record.item.outcome));
    rows.add_bigint(id ? std::optional(id->value()) : std::nullopt);
    rows.add_text(record.item.path);
    rows.add_text(record.item.language);
  }
  return writer.copy_in(
      "COPY job_items (job, number, kind, outcome, item, path, language) FROM STDIN (FORMAT binary)",
      rows.take());
}

Result<void> write_contents(Connection& writer, const sql::OwnedJob& job, const Batch& batch) {
  if (batch.contents.empty()) return {};
  CopyRows rows(6);
  for (const WouldBe& content : batch.contents) {
    rows.begin_row();
    rows.add_bigint(job.number);
    rows.add_bigint(content.number);
    rows.add_text(content.macro);
    rows.add_text(content.content.metadata);
    rows.add_bigint(static_cast<std::int64_t>(content.content.body.size));
    rows.add_bytes(content.content.body.bytes);
  }
  return writer.copy_in(
      "COPY job_contents (job, number, macro, metadata, size, body) FROM STDIN (FORMAT binary)", rows.take());
}

Result<void> write_entries(Connection& writer, sql::OwnedJob& job, const Batch& batch) {
  if (batch.entries.empty()) return {};
  CopyRows rows(13);
  for (const report::LogEntry& entry : batch.entries) {
    const report::Finding& finding = entry.finding;
    rows.begin_row();
    rows.add_bigint(job.number);
    rows.add_bigint(++job.last_entry);
    rows.add_bigint(sql::to_integer(entry.time));
    rows.add_smallint(static_cast<int>(entry.level));
    if (entry.is_finding) {
      rows.add_text(report::info(finding.rule).code);
    } else {
      rows.add_null();
    }
    rows.add_smallint(static_cast<int>(finding.kind));
    rows.add_text(finding.item);
    rows.add_text(finding.location.file);
    rows.add_text(finding.location.pointer);
    rows.add_bigint(static_cast<std::int64_t>(finding.location.line));
    rows.add_bigint(static_cast<std::int64_t>(finding.location.column));
    rows.add_text(finding.message);
    rows.add_text(finding.advice);
  }
  return writer.copy_in(
      "COPY log_entries (job, sequence, time, level, rule, kind, item, file, pointer, line, "
      "\"column\", message, advice) FROM STDIN (FORMAT binary)",
      rows.take());
}

}  // namespace

Result<void> write_batch(Connection& writer, const Batch& batch) {
  WB_TRY(sql::OwnedJob job, sql::owned_job(writer, batch));
  const sql::Origin origin{batch.job, batch.department, batch.now};
  // What takes numbers comes last: until the commit, no other node can take any.
  WB_CHECK_OK(write_contents(writer, job, batch));
  WB_CHECK_OK(write_entries(writer, job, batch));
  WB_CHECK_OK(sql::advance_job(writer, job, batch));
  WB_CHECK_OK(write_checks(writer, batch.checks));
  WB_TRY(const std::vector<KnowledgeId> ids, write_all_changes(writer, origin, batch.changes));
  WB_CHECK_OK(sql::apply_reversals(writer, origin, batch.reversals));
  return write_records(writer, job, batch, ids);
}

}  // namespace waybill::storage::postgres
