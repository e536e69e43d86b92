#pragma once

#include "storage/postgres/database.h"
#include "storage/sql/search.h"

namespace waybill::storage::postgres {

/// Search by tsvector, in the forms of each article's language. What is to be indexed waits in a queue in the
/// database, from which any number of nodes take. Any thread.
class Search final : public sql::Search {
 public:
  explicit Search(Database& database) : database_(database) {}
  Result<bool> index_some(std::size_t max_rows) override;
  Result<std::int64_t> backlog() override;
  Result<std::vector<knowledge::SearchHit>> search(const Department& department, std::string_view query,
                                                   std::size_t limit, std::size_t offset) override;

 private:
  Database& database_;
};

}  // namespace waybill::storage::postgres
