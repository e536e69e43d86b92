#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/sql/knowledge_read.h"

namespace waybill::storage::postgres {

using AllFound = std::vector<std::optional<knowledge::Existing>>;

/// find_folders or find_topics within the caller's transaction: what is there under each path, in their
/// order.
Result<AllFound> find_all(sql::Connection& connection, sql::Sql statement, const Department& department,
                          std::span<const std::string_view> paths);

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
  Result<AllFound> find(sql::Sql statement, const Department& department,
                        std::span<const std::string_view> paths);
};

}  // namespace waybill::storage::postgres
