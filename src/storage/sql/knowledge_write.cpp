#include "storage/sql/knowledge_write.h"

#include "storage/sql/article_json.h"

namespace waybill::storage::sql {

namespace {

using knowledge::Article;
using knowledge::Change;
using knowledge::Folder;
using knowledge::Portal;
using knowledge::Topic;

/// What is there under an item's identity.
struct Stored {
  std::int64_t id = 0;
  Sha256 fingerprint{};
  std::int64_t revision = 0;
  std::int64_t change = 0;  // articles only
};

/// The row that `query` finds: id, fingerprint, revision and, where `with_change`, the change.
Result<std::optional<Stored>> read_stored(Query& query, bool with_change = false) {
  WB_TRY(const bool row, query.step());
  if (!row) return std::optional<Stored>();
  return std::optional(
      Stored{query.integer(0), query.hash(1), query.integer(2), with_change ? query.integer(3) : 0});
}

Value body_check(const std::string& check) {
  return check.empty() ? Value(nullptr) : Value(Blob{check});
}

/// One batch being written: holds the two counters while the transaction lasts.
class BatchWriter {
 public:
  BatchWriter(Connection& writer, const Origin& origin) : writer_(writer), origin_(origin) {}

  Result<void> begin();
  Result<void> end() { return store_sequences(writer_, first_, last_); }
  Result<std::int64_t> write(const Folder& folder, const Change& change);
  Result<std::int64_t> write(const Article& article, const Change& change);
  Result<std::int64_t> write(const Topic& topic, const Change& change);
  Result<std::int64_t> write(const Portal& portal, const Change& change);

 private:
  Result<std::int64_t> folder_id(const std::string& path);
  Result<void> write_revision(const Article& article, const Change& change, std::int64_t id,
                              const std::optional<Stored>& before);

  Connection& writer_;
  const Origin& origin_;
  Sequences first_, last_;  // as loaded, and now
  // Articles of one folder mostly follow each other.
  std::string recent_folder_;
  std::int64_t recent_folder_id_ = 0;
};

Result<void> BatchWriter::begin() {
  WB_TRY(first_, load_sequences(writer_));
  last_ = first_;
  return {};
}

Result<std::int64_t> BatchWriter::write(const Folder& folder, const Change& change) {
  const Sha256& fingerprint = change.fingerprint;
  Query query(writer_, Sql::folder_state, origin_.department, folder.path);
  WB_TRY(const std::optional<Stored> before, read_stored(query));
  if (!before) {
    const auto [parent, name] = split_path(folder.path);
    WB_CHECK_OK(Query(writer_, Sql::insert_folder, ++last_.id, origin_.department, folder.path, parent, name,
                      folder.description, fingerprint, origin_.job, origin_.now)
                    .run());
    return last_.id;
  }
  if (before->fingerprint == fingerprint) return before->id;
  WB_CHECK_OK(Query(writer_, Sql::keep_folder, before->id).run());
  WB_CHECK_OK(Query(writer_, Sql::update_folder, before->id, folder.description, fingerprint, origin_.job,
                    origin_.now)
                  .run());
  return before->id;
}

Result<std::int64_t> BatchWriter::folder_id(const std::string& path) {
  if (recent_folder_id_ != 0 && path == recent_folder_) return recent_folder_id_;
  Query query(writer_, Sql::folder_state, origin_.department, path);
  WB_TRY(const bool row, query.step());
  if (!row) {
    return Error{ErrorCode::internal, "an article was to be stored in a folder that does not exist", path};
  }
  recent_folder_ = path;
  recent_folder_id_ = query.integer(0);
  return recent_folder_id_;
}

Result<std::int64_t> BatchWriter::write(const Article& article, const Change& change) {
  const Sha256& fingerprint = change.fingerprint;
  WB_TRY(const std::int64_t folder, folder_id(article.folder));
  Query query(writer_, Sql::article_state, folder, article.name, article.language);
  WB_TRY(const std::optional<Stored> before, read_stored(query, true));
  if (before && before->fingerprint == fingerprint) return before->id;
  ++last_.change;
  const Value check = body_check(change.body_check);
  if (!article.type_name.empty()) {
    WB_CHECK_OK(Query(writer_, Sql::insert_article_type, origin_.department, article.type_name).run());
  }
  if (before) {
    WB_CHECK_OK(Query(writer_, Sql::update_article, before->id, article.macro, fingerprint, last_.change,
                      origin_.job, origin_.now, check)
                    .run());
    WB_CHECK_OK(write_revision(article, change, before->id, before));
    return before->id;
  }
  WB_CHECK_OK(Query(writer_, Sql::insert_article, ++last_.id, origin_.department, folder, article.name,
                    article.language, article.macro, fingerprint, last_.change, origin_.job, origin_.now,
                    check)
                  .run());
  WB_CHECK_OK(write_revision(article, change, last_.id, before));
  return last_.id;
}

Result<void> BatchWriter::write_revision(const Article& article, const Change& change, std::int64_t id,
                                         const std::optional<Stored>& before) {
  const knowledge::ArticleContent& content = change.content;
  std::optional<std::int64_t> previous;
  if (before) previous = before->change;
  std::optional<Blob> links;
  std::optional<std::int64_t> links_size;
  if (!content.links.bytes.empty()) {
    links = Blob{content.links.bytes};
    links_size = static_cast<std::int64_t>(content.links.size);
  }
  return Query(writer_, Sql::insert_revision, last_.change, id, before ? before->revision + 1 : 1, previous,
               origin_.job, change.fingerprint, content.metadata, links, links_size, article.text,
               Blob{content.body.bytes}, static_cast<std::int64_t>(content.body.size), article.macro,
               origin_.now)
      .run();
}

Result<std::int64_t> BatchWriter::write(const Topic& topic, const Change& change) {
  const Sha256& fingerprint = change.fingerprint;
  Query query(writer_, Sql::topic_state, origin_.department, topic.path);
  WB_TRY(const std::optional<Stored> before, read_stored(query));
  if (before && before->fingerprint == fingerprint) return before->id;
  const std::string articles = article_path_list(topic.articles);
  const std::string folders = text_list(topic.folders);
  if (!before) {
    WB_CHECK_OK(Query(writer_, Sql::insert_topic, ++last_.id, origin_.department, topic.path,
                      split_path(topic.path).first, topic.description, articles, folders, fingerprint,
                      origin_.job, origin_.now)
                    .run());
    return last_.id;
  }
  WB_CHECK_OK(Query(writer_, Sql::keep_topic, before->id).run());
  WB_CHECK_OK(Query(writer_, Sql::update_topic, before->id, topic.description, articles, folders, fingerprint,
                    origin_.job, origin_.now)
                  .run());
  return before->id;
}

Result<std::int64_t> BatchWriter::write(const Portal& portal, const Change& change) {
  const Sha256& fingerprint = change.fingerprint;
  Query query(writer_, Sql::portal_state, origin_.department, portal.name);
  WB_TRY(const std::optional<Stored> before, read_stored(query));
  if (before && before->fingerprint == fingerprint) return before->id;
  const std::string topics = text_list(portal.topics);
  const std::string folders = text_list(portal.folders);
  if (!before) {
    WB_CHECK_OK(Query(writer_, Sql::insert_portal, ++last_.id, origin_.department, portal.name,
                      portal.description, topics, folders, fingerprint, origin_.job, origin_.now)
                    .run());
    return last_.id;
  }
  WB_CHECK_OK(Query(writer_, Sql::keep_portal, before->id).run());
  WB_CHECK_OK(Query(writer_, Sql::update_portal, before->id, portal.description, topics, folders, fingerprint,
                    origin_.job, origin_.now)
                  .run());
  return before->id;
}

}  // namespace

Result<Sequences> load_sequences(Connection& writer) {
  Query query(writer, Sql::get_sequences);
  WB_TRY(const bool row, query.step());
  if (!row) return Error{ErrorCode::corrupt, "the database has lost its sequences: restore it from a backup"};
  return Sequences{query.integer(0), query.integer(1)};
}

Result<void> store_sequences(Connection& writer, const Sequences& before, const Sequences& after) {
  constexpr std::string_view kId = "knowledge_id";
  constexpr std::string_view kChange = "change";
  if (before.id != after.id) WB_CHECK_OK(Query(writer, Sql::set_sequence, kId, after.id).run());
  if (before.change != after.change) {
    WB_CHECK_OK(Query(writer, Sql::set_sequence, kChange, after.change).run());
  }
  return {};
}

Result<std::vector<KnowledgeId>> write_changes(Connection& writer, const Origin& origin,
                                               std::span<const knowledge::Change> changes) {
  std::vector<KnowledgeId> ids;
  if (changes.empty()) return ids;
  ids.reserve(changes.size());
  BatchWriter batch(writer, origin);
  WB_CHECK_OK(batch.begin());
  for (const knowledge::Change& change : changes) {
    WB_TRY(const std::int64_t id,
           std::visit([&](const auto& item) { return batch.write(item, change); }, change.item));
    ids.emplace_back(id);
  }
  WB_CHECK_OK(batch.end());
  return ids;
}

Result<void> write_checks(Connection& writer, const std::vector<Batch::BodyCheck>& checks) {
  for (const Batch::BodyCheck& one : checks) {
    WB_CHECK_OK(Query(writer, Sql::set_body_check, one.article, body_check(one.check)).run());
  }
  return {};
}

}  // namespace waybill::storage::sql
