#include "storage/postgres/knowledge_read.h"

#include "storage/postgres/copy_rows.h"

namespace waybill::storage::postgres {

namespace {

using knowledge::Existing;
using sql::Query;
using sql::Sql;

/// Columns: the place among those asked for, from 1 on, id, fingerprint.
Result<AllFound> read_found(Query& query, std::size_t asked_for, bool with_body_check = false) {
  AllFound all(asked_for);
  while (true) {
    WB_TRY(const bool row, query.step());
    if (!row) return all;
    all.at(static_cast<std::size_t>(query.integer(0)) - 1) = Existing{
        KnowledgeId(query.integer(1)), query.hash(2), with_body_check ? query.string(3) : std::string()};
  }
}

}  // namespace

Result<AllFound> find_all(sql::Connection& connection, Sql statement, const Department& department,
                          std::span<const std::string_view> paths) {
  const std::string array = array_of(paths);
  Query query(connection, statement, department, array);
  return read_found(query, paths.size());
}

Result<AllFound> KnowledgeReader::find(Sql statement, const Department& department,
                                       std::span<const std::string_view> paths) {
  if (paths.empty()) return AllFound();
  return database().read(
      [&](sql::Connection& reader) { return find_all(reader, statement, department, paths); });
}

Result<AllFound> KnowledgeReader::find_folders(const Department& department,
                                               std::span<const std::string_view> paths) {
  return find(Sql::find_folders, department, paths);
}

Result<AllFound> KnowledgeReader::find_topics(const Department& department,
                                              std::span<const std::string_view> paths) {
  return find(Sql::find_topics, department, paths);
}

Result<AllFound> KnowledgeReader::find_articles(const Department& department,
                                                std::span<const knowledge::ArticleIdentity> articles) {
  if (articles.empty()) return AllFound();
  std::vector<std::string_view> folders, names, languages;
  for (const knowledge::ArticleIdentity& article : articles) {
    folders.push_back(article.folder);
    names.push_back(article.name);
    languages.push_back(article.language);
  }
  const std::string folder_array = array_of(folders);
  const std::string name_array = array_of(names);
  const std::string language_array = array_of(languages);
  return database().read([&](sql::Connection& reader) {
    Query query(reader, Sql::articles_to_compare, department, folder_array, name_array, language_array);
    return read_found(query, articles.size(), true);
  });
}

}  // namespace waybill::storage::postgres
