#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "knowledge/knowledge_base.h"

namespace waybill::storage::sql {

/// The full-text index of a database: it follows the rows and is never part of an import's commit.
class Search {
 public:
  virtual ~Search() = default;
  /// As Store::index_some().
  virtual Result<bool> index_some(std::size_t max_rows) = 0;
  /// As Store::index_backlog(). Any thread.
  virtual Result<std::int64_t> backlog() = 0;
  /// As KnowledgeBase::search(). Any thread.
  virtual Result<std::vector<knowledge::SearchHit>> search(const Department& department,
                                                           std::string_view query, std::size_t limit,
                                                           std::size_t offset) = 0;
};

}  // namespace waybill::storage::sql
