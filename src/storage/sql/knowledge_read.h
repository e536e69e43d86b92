#pragma once

#include "knowledge/knowledge_base.h"
#include "storage/sql/query.h"
#include "storage/sql/search.h"

namespace waybill::storage::sql {

/// KnowledgeBase on the database and its full-text index. Any thread.
class KnowledgeReader : public knowledge::KnowledgeBase {
 public:
  KnowledgeReader(Database& database, Search& index) : database_(database), index_(index) {}

  Result<std::optional<knowledge::Existing>> find_folder(const Department& department,
                                                         std::string_view path) override;
  Result<std::optional<knowledge::Existing>> find_topic(const Department& department,
                                                        std::string_view path) override;
  Result<std::optional<knowledge::Existing>> find_portal(const Department& department,
                                                         std::string_view name) override;
  Result<std::vector<std::optional<knowledge::Existing>>> find_articles(
      const Department& department, const std::vector<knowledge::ArticleIdentity>& articles) override;
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
  Database& database() const { return database_; }

 private:
  Database& database_;
  Search& index_;
};

}  // namespace waybill::storage::sql
