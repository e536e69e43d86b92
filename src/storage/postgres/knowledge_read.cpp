#include "storage/postgres/knowledge_read.h"

#include "storage/postgres/copy_rows.h"

namespace waybill::storage::postgres {

Result<std::vector<std::optional<knowledge::Existing>>> KnowledgeReader::find_articles(
    const Department& department, const std::vector<knowledge::ArticleIdentity>& articles) {
  std::vector<std::string_view> folders, names, languages;
  for (const knowledge::ArticleIdentity& one : articles) {
    folders.push_back(one.folder);
    names.push_back(one.name);
    languages.push_back(one.language);
  }
  const std::string folder_array = array_of(folders);
  const std::string name_array = array_of(names);
  const std::string language_array = array_of(languages);
  using Found = std::vector<std::optional<knowledge::Existing>>;
  return database().read([&](sql::Connection& reader) -> Result<Found> {
    Found all(articles.size());
    sql::Query query(reader, sql::Sql::articles_to_compare, department, folder_array, name_array,
                     language_array);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return all;
      all.at(static_cast<std::size_t>(query.integer(0)) - 1) =
          knowledge::Existing{KnowledgeId(query.integer(1)), query.hash(2), query.string(3)};
    }
  });
}

}  // namespace waybill::storage::postgres
