#include "storage/sql/knowledge_read.h"

#include "storage/packed.h"
#include "storage/sql/article_json.h"

namespace waybill::storage::sql {

namespace {

using knowledge::ArticleRow;
using knowledge::Existing;
using knowledge::FolderRow;
using knowledge::ListFilter;
using knowledge::PortalRow;
using knowledge::TopicRow;

// TopicRow shows at most this many articles; their number is told whole.
constexpr std::size_t kTopicArticles = 1000;

std::int64_t after(const ListFilter& filter) {
  return filter.after ? filter.after->value() : 0;
}

Error not_found(std::string_view what, std::string_view which) {
  return {ErrorCode::not_found, "there is no " + std::string(what) + " " + std::string(which)};
}

Result<bool> has_row(Query& query) {
  return query.step();
}

Result<std::optional<Existing>> read_existing(Query& query) {
  WB_TRY(const bool row, query.step());
  if (!row) return std::optional<Existing>();
  return std::optional(Existing{KnowledgeId(query.integer(0)), query.hash(1), {}});
}

Result<std::vector<KnowledgeId>> read_ids(Query& query) {
  std::vector<KnowledgeId> ids;
  while (true) {
    WB_TRY(const bool row, query.step());
    if (!row) return ids;
    ids.emplace_back(query.integer(0));
  }
}

Result<FolderRow> read_folder(Connection&, const Query& row) {
  return FolderRow{KnowledgeId(row.integer(0)), {row.string(1), row.string(2)}, row.integer(4), row.time(3)};
}

Result<ArticleRow> read_article(Connection&, const Query& row) {
  ArticleRow found;
  found.id = KnowledgeId(row.integer(0));
  found.article.folder = row.string(1);
  found.article.name = row.string(2);
  found.article.language = row.string(3);
  found.article.macro = row.string(4);
  found.revision = row.integer(5);
  found.job = row.job_id(6);
  found.created = row.time(7);
  found.modified = row.time(8);
  WB_CHECK_OK(read_article_metadata(row.text(9), found.article));
  return found;
}

/// Columns: packed_links, links_size, metadata.
Result<std::vector<knowledge::ArticleLink>> read_links(const Query& row) {
  if (row.is_null(0)) return links_in_metadata(row.text(2));
  WB_TRY(const std::string json, unpack(row.text(0), row.optional_integer(1)));
  return read_article_links(json);
}

Result<TopicRow> read_topic(Connection& reader, const Query& row) {
  TopicRow found;
  found.id = KnowledgeId(row.integer(0));
  found.topic.path = row.string(1);
  found.topic.description = row.string(2);
  WB_TRY(found.topic.articles, read_article_path_list(row.text(3)));
  WB_TRY(found.topic.folders, read_text_list(row.text(4)));
  found.modified = row.time(5);
  Query members(reader, Sql::topic_articles, found.id);
  WB_TRY(found.articles, read_ids(members));
  found.article_count = static_cast<std::int64_t>(found.articles.size());
  if (found.articles.size() > kTopicArticles) found.articles.resize(kTopicArticles);
  return found;
}

Result<PortalRow> read_portal(Connection& reader, const Query& row) {
  PortalRow found;
  found.id = KnowledgeId(row.integer(0));
  found.portal.name = row.string(1);
  found.portal.description = row.string(2);
  WB_TRY(found.portal.topics, read_text_list(row.text(3)));
  WB_TRY(found.portal.folders, read_text_list(row.text(4)));
  found.modified = row.time(5);
  Query members(reader, Sql::portal_topics, found.id);
  WB_TRY(found.topics, read_ids(members));
  return found;
}

/// All rows of a list, each made by `read`.
template <typename Row>
Result<std::vector<Row>> read_rows(Connection& reader, Query& query,
                                   Result<Row> (*read)(Connection&, const Query&)) {
  std::vector<Row> rows;
  while (true) {
    WB_TRY(const bool more, query.step());
    if (!more) return rows;
    WB_TRY(Row row, read(reader, query));
    rows.push_back(std::move(row));
  }
}

}  // namespace

Result<std::vector<KnowledgeReader::Found>> KnowledgeReader::find_each(
    Sql statement, const Department& department, std::span<const std::string_view> names) {
  return database_.read([&](Connection& reader) -> Result<std::vector<Found>> {
    std::vector<Found> all;
    for (const std::string_view name : names) {
      Query query(reader, statement, department, name);
      WB_TRY(Found found, read_existing(query));
      all.push_back(std::move(found));
    }
    return all;
  });
}

Result<std::vector<KnowledgeReader::Found>> KnowledgeReader::find_folders(
    const Department& department, std::span<const std::string_view> paths) {
  return find_each(Sql::find_folder, department, paths);
}

Result<std::vector<KnowledgeReader::Found>> KnowledgeReader::find_topics(
    const Department& department, std::span<const std::string_view> paths) {
  return find_each(Sql::find_topic, department, paths);
}

Result<std::vector<KnowledgeReader::Found>> KnowledgeReader::find_portals(
    const Department& department, std::span<const std::string_view> names) {
  return find_each(Sql::find_portal, department, names);
}

Result<std::vector<KnowledgeReader::Found>> KnowledgeReader::find_articles(
    const Department& department, std::span<const knowledge::ArticleIdentity> articles) {
  return database_.read([&](Connection& reader) -> Result<std::vector<Found>> {
    std::vector<Found> all;
    for (const knowledge::ArticleIdentity& article : articles) {
      Query query(reader, Sql::article_to_compare, department, article.folder, article.name,
                  article.language);
      WB_TRY(Found found, read_existing(query));
      if (found) found->body_check = query.string(2);
      all.push_back(std::move(found));
    }
    return all;
  });
}

Result<bool> KnowledgeReader::has_article(const Department& department, std::string_view folder,
                                          std::string_view name) {
  return database_.read([&](Connection& reader) {
    Query query(reader, Sql::has_article, department, folder, name);
    return has_row(query);
  });
}

Result<std::optional<KnowledgeId>> KnowledgeReader::find_macro(const Department& department,
                                                               std::string_view macro) {
  return database_.read([&](Connection& reader) -> Result<std::optional<KnowledgeId>> {
    Query query(reader, Sql::find_macro, department, macro);
    WB_TRY(const bool row, query.step());
    if (!row) return std::optional<KnowledgeId>();
    return std::optional(KnowledgeId(query.integer(0)));
  });
}

Result<bool> KnowledgeReader::has_article_type(const Department& department, std::string_view type_name) {
  return database_.read([&](Connection& reader) {
    Query query(reader, Sql::has_article_type, department, type_name);
    return has_row(query);
  });
}

Result<std::vector<std::string>> KnowledgeReader::folder_names(const Department& department,
                                                               std::string_view parent) {
  return database_.read([&](Connection& reader) -> Result<std::vector<std::string>> {
    std::vector<std::string> names;
    Query query(reader, Sql::folder_names, department, parent);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return names;
      names.push_back(query.string(0));
    }
  });
}

Result<std::vector<FolderRow>> KnowledgeReader::folders(const ListFilter& filter) {
  return database_.read([&](Connection& reader) -> Result<std::vector<FolderRow>> {
    if (filter.parent.empty()) {
      Query query(reader, Sql::list_folders, filter.department, after(filter), to_limit(filter.limit));
      return read_rows(reader, query, read_folder);
    }
    Query parent(reader, Sql::find_folder, filter.department, filter.parent);
    WB_TRY(const bool there, parent.step());
    if (!there) return not_found("folder", filter.parent);
    Query query(reader, Sql::list_folders_below, filter.department, after(filter), to_limit(filter.limit),
                filter.parent);
    return read_rows(reader, query, read_folder);
  });
}

Result<std::vector<ArticleRow>> KnowledgeReader::articles(const ListFilter& filter) {
  return database_.read([&](Connection& reader) -> Result<std::vector<ArticleRow>> {
    if (filter.parent.empty()) {
      Query query(reader, Sql::list_articles, filter.department, after(filter), to_limit(filter.limit));
      return read_rows(reader, query, read_article);
    }
    Query parent(reader, Sql::find_folder, filter.department, filter.parent);
    WB_TRY(const bool there, parent.step());
    if (!there) return not_found("folder", filter.parent);
    Query query(reader, Sql::list_folder_articles, parent.integer(0), after(filter), to_limit(filter.limit));
    return read_rows(reader, query, read_article);
  });
}

Result<std::vector<TopicRow>> KnowledgeReader::topics(const ListFilter& filter) {
  return database_.read([&](Connection& reader) -> Result<std::vector<TopicRow>> {
    if (filter.parent.empty()) {
      Query query(reader, Sql::list_topics, filter.department, after(filter), to_limit(filter.limit));
      return read_rows(reader, query, read_topic);
    }
    Query parent(reader, Sql::find_topic, filter.department, filter.parent);
    WB_TRY(const bool there, parent.step());
    if (!there) return not_found("topic", filter.parent);
    Query query(reader, Sql::list_topics_below, filter.department, after(filter), to_limit(filter.limit),
                filter.parent);
    return read_rows(reader, query, read_topic);
  });
}

Result<std::vector<PortalRow>> KnowledgeReader::portals(const ListFilter& filter) {
  return database_.read([&](Connection& reader) {
    Query query(reader, Sql::list_portals, filter.department, after(filter), to_limit(filter.limit));
    return read_rows(reader, query, read_portal);
  });
}

Result<ArticleRow> KnowledgeReader::article(const Department& department, KnowledgeId id) {
  return database_.read([&](Connection& reader) -> Result<ArticleRow> {
    Query query(reader, Sql::get_article, department, id);
    WB_TRY(const bool there, query.step());
    if (!there) return not_found("article", to_string(id));
    WB_TRY(ArticleRow row, read_article(reader, query));
    row.article.text = query.string(10);
    return row;
  });
}

Result<std::string> KnowledgeReader::body(const Department& department, KnowledgeId id) {
  return database_.read([&](Connection& reader) -> Result<std::string> {
    Query query(reader, Sql::get_body, department, id);
    WB_TRY(const bool there, query.step());
    if (!there) return not_found("article", to_string(id));
    return unpack(query.text(0), query.optional_integer(1));
  });
}

Result<std::vector<knowledge::ResolvedLink>> KnowledgeReader::links(const Department& department,
                                                                    KnowledgeId id) {
  return database_.read([&](Connection& reader) -> Result<std::vector<knowledge::ResolvedLink>> {
    Query query(reader, Sql::get_links, department, id);
    WB_TRY(const bool there, query.step());
    if (!there) return not_found("article", to_string(id));
    WB_TRY(auto written, read_links(query));
    std::vector<knowledge::ResolvedLink> links;
    for (knowledge::ArticleLink& link : written) {
      Query target(reader, Sql::find_article, department, link.target_folder, link.target_name,
                   link.target_language);
      WB_TRY(const std::optional<Existing> found, read_existing(target));
      links.push_back({std::move(link), found ? std::optional(found->id) : std::nullopt});
    }
    return links;
  });
}

Result<std::vector<knowledge::SearchHit>> KnowledgeReader::search(const Department& department,
                                                                  std::string_view query, std::size_t limit,
                                                                  std::size_t offset) {
  return index_.search(department, query, limit, offset);
}

}  // namespace waybill::storage::sql
