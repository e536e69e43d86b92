#pragma once

#include "storage/sql/knowledge_read.h"

namespace waybill::storage::postgres {

/// What a round trip each would be too slow for is asked in one. Any thread.
class KnowledgeReader final : public sql::KnowledgeReader {
 public:
  using sql::KnowledgeReader::KnowledgeReader;

  Result<std::vector<std::optional<knowledge::Existing>>> find_articles(
      const Department& department, const std::vector<knowledge::ArticleIdentity>& articles) override;
};

}  // namespace waybill::storage::postgres
