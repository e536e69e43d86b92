#pragma once

#include "storage/postgres/database.h"
#include "storage/postgres/search_query.h"
#include "storage/postgres/search_vector.h"
#include "storage/postgres/word_forms.h"
#include "storage/sql/search.h"

namespace waybill::storage::postgres {

/// Search by tsvector, in the forms of each article's language. What is to be indexed waits in a queue in the
/// database, from which any number of nodes take; words are cut, and found again in a text, by the node. Any
/// thread.
class Search final : public sql::Search {
 public:
  explicit Search(Database& database) : database_(database) {}
  Result<bool> index_some(std::size_t max_rows) override;
  Result<std::int64_t> backlog() override;
  Result<std::vector<knowledge::SearchHit>> search(const Department& department, std::string_view query,
                                                   std::size_t limit, std::size_t offset) override;

 private:
  struct Asked;
  /// Articles that are indexed by the same configuration.
  struct Documents {
    std::vector<std::int64_t> articles, changes;
    SearchVectors vectors;
  };
  Result<std::int64_t> index_rows(sql::Connection& writer, std::int64_t most);
  Result<void> write(sql::Connection& writer, const std::string& config, const Documents& documents);
  Result<std::vector<Mark>> marks(sql::Connection& reader, const Asked& asked, std::size_t config,
                                  std::string_view text);

  Database& database_;
  WordForms forms_;
};

}  // namespace waybill::storage::postgres
