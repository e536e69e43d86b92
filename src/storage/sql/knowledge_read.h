#pragma once

#include <span>
#include <vector>

#include "knowledge/knowledge_base.h"
#include "storage/sql/query.h"
#include "storage/sql/search.h"

namespace waybill::storage::sql {

/// KnowledgeBase on the database and its full-text index. Any thread.
class KnowledgeReader : public knowledge::KnowledgeBase {
 public:
  KnowledgeReader(Database& database, Search& index) : database_(database), index_(index) {}

  Result<std::vector<Found>> find_folders(const Department& department,
                                          std::span<const std::string_view> paths) override;
  Result<std::vector<Found>> find_topics(const Department& department,
                                         std::span<const std::string_view> paths) override;
  Result<std::vector<Found>> find_portals(const Department& department,
                                          std::span<const std::string_view> names) override;
  Result<std::vector<Found>> find_articles(const Department& department,
                                           std::span<const knowledge::ArticleIdentity> articles) override;
  Result<bool> has_article(const Department& department, std::string_view folder,
                           std::string_view name) override;
  Result<std::optional<KnowledgeId>> find_macro(const Department& department,
                                                std::string_view macro) override;
  Result<bool> has_article_type(const Department& department, std::string_view type_name) override;
  Result<std::vector<std::string>> folder_names(const Department& department,
                                                std::string_view parent) override;

  Result<std::vector<knowledge::FolderRow>> folders(const knowledge::ListFilter& filter) override;
  Result<std::vector<knowledge::ArticleRow>> articles(const knowledge::ListFilter& filter) override;
  Result<std::vector<knowledge::TopicRow>> topics(const knowledge::ListFilter& filter) override;
  Result<std::vector<knowledge::PortalRow>> portals(const knowledge::ListFilter& filter) override;
  Result<knowledge::ArticleRow> article(const Department& department, KnowledgeId id) override;
  Result<std::string> body(const Department& department, KnowledgeId id) override;
  Result<std::vector<knowledge::ResolvedLink>> links(const Department& department, KnowledgeId id) override;
  Result<std::vector<knowledge::SearchHit>> search(const Department& department, std::string_view query,
                                                   std::size_t limit, std::size_t offset) override;

 protected:
  Database& database() { return database_; }

 private:
  Result<std::vector<Found>> find_each(Sql statement, const Department& department,
                                       std::span<const std::string_view> names);

  Database& database_;
  Search& index_;
};

}  // namespace waybill::storage::sql
