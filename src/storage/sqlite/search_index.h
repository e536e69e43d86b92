#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "knowledge/knowledge_base.h"
#include "storage/sql/search.h"
#include "storage/sqlite/connections.h"

namespace waybill::storage::sqlite {

/// The full-text index in a file of its own, search.db. It follows waybill.db from a durable mark, so it is
/// never part of an import's commit, and can be lost: a file that is missing, damaged, of another database or
/// ahead of it is built anew from the rows.
class SearchIndex final : public sql::Search {
 public:
  /// `database_id` tells databases apart. `database` outlives the index. Errors: those of database_error.
  static Result<std::unique_ptr<SearchIndex>> open(const std::filesystem::path& file, Database& database,
                                                   std::string_view database_id);

  /// Indexes up to `max_rows` more revisions; true where it has caught up. One thread at a time does the
  /// work, a second one waits.
  Result<bool> index_some(std::size_t max_rows) override;
  /// Revisions committed after the mark, an article that was written twice counted twice. Any thread.
  Result<std::int64_t> backlog() override;
  /// Any thread.
  Result<std::vector<knowledge::SearchHit>> search(const Department& department, std::string_view query,
                                                   std::size_t limit, std::size_t offset) override;

 private:
  SearchIndex(const std::filesystem::path& file, Database& database, std::unique_ptr<Connection> writer,
              std::int64_t mark);
  Result<bool> index_rows(sql::Connection& source, std::size_t max_rows);

  Database& database_;
  Readers readers_;
  std::mutex writer_mutex_;
  std::unique_ptr<Connection> writer_;
  std::atomic<std::int64_t> mark_;  // as it stands in the file
};

}  // namespace waybill::storage::sqlite
