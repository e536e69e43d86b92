#include "storage/postgres/search.h"

#include <algorithm>

#include "storage/postgres/search_query.h"
#include "storage/sql/search_words.h"

namespace waybill::storage::postgres {

using sql::Query;
using sql::Sql;

Result<bool> Search::index_some(std::size_t max_rows) {
  // In one statement, which must not take long whatever the size of the articles.
  constexpr std::size_t kRowsAtOnce = 50;
  const std::int64_t most = sql::to_limit(std::min(max_rows, kRowsAtOnce));
  WB_TRY(const std::int64_t taken, database_.write([&](sql::Connection& writer) -> Result<std::int64_t> {
    Query query(writer, Sql::index_revisions, most);
    WB_TRY(const bool row, query.step());
    return row ? query.integer(0) : std::int64_t{0};
  }));
  if (taken == most) return false;
  // Others may hold what is left: caught up is who has seen them end.
  return database_.read([&](sql::Connection& reader) -> Result<bool> {
    Query query(reader, Sql::wait_for_indexing, most);
    WB_TRY(const bool row, query.step());
    return !row || query.integer(0) == 0;
  });
}

Result<std::int64_t> Search::backlog() {
  return database_.read([](sql::Connection& reader) -> Result<std::int64_t> {
    Query query(reader, Sql::count_unindexed);
    WB_TRY(const bool row, query.step());
    return row ? query.integer(0) : std::int64_t{0};
  });
}

Result<std::vector<knowledge::SearchHit>> Search::search(const Department& department, std::string_view typed,
                                                         std::size_t limit, std::size_t offset) {
  std::vector<knowledge::SearchHit> none;
  const AskedWords asked = asked_words(typed);
  if (asked.empty() || limit == 0) return none;
  const std::string name = sql::folded(typed);
  const std::string beyond = sql::beyond(name);
  return database_.read([&](sql::Connection& reader) -> Result<std::vector<knowledge::SearchHit>> {
    std::vector<knowledge::SearchHit> hits;
    Query query(reader, Sql::search_documents, asked.head, asked.last_phrase, asked.last_word, department,
                name, beyond, sql::to_limit(limit), sql::to_limit(offset));
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return hits;
      hits.push_back({KnowledgeId(query.integer(0)), query.string(1), query.string(2), query.string(3),
                      snippet(query.text(6), query.text(7)), sql::score_of(query.integer(5), query.real(4))});
    }
  });
}

}  // namespace waybill::storage::postgres
