#pragma once

#include <span>
#include <vector>

#include "storage/sql/knowledge_read.h"

namespace waybill::storage::postgres {

/// What PostgreSQL answers for many names in one statement, and so in one round trip.
class KnowledgeReader final : public sql::KnowledgeReader {
 public:
  using sql::KnowledgeReader::KnowledgeReader;
  Result<std::vector<Found>> find_folders(const Department& department,
                                          std::span<const std::string_view> paths) override;
  Result<std::vector<Found>> find_topics(const Department& department,
                                         std::span<const std::string_view> paths) override;
  Result<std::vector<Found>> find_articles(const Department& department,
                                           std::span<const knowledge::ArticleIdentity> articles) override;

 private:
  Result<std::vector<Found>> find_all(sql::Sql statement, const Department& department,
                                      std::span<const std::string_view> paths);
};

}  // namespace waybill::storage::postgres
