#pragma once

#include "storage/item_store.h"
#include "storage/sql/query.h"

namespace waybill::storage::sql {

/// Each adds one row within the caller's transaction.
Result<void> write_item(Connection& writer, std::int64_t job_number, const ItemRecord& item,
                        const std::optional<KnowledgeId>& id);
Result<void> write_content(Connection& writer, std::int64_t job_number, const WouldBe& article);

/// ItemStore on the database.
class Items final : public ItemStore {
 public:
  explicit Items(Database& database) : database_(database) {}

  Result<std::vector<ItemRecord>> list(const JobId& job, const ItemFilter& filter) override;
  Result<ItemRecord> get(const JobId& job, std::int64_t number) override;
  Result<std::vector<OutcomeCount>> counts(const JobId& job) override;
  Result<Standing> standing(const Department& department, const ItemRecord& item, const JobId& job) override;
  Result<std::optional<KnowledgeId>> taken(const Department& department, const ItemRecord& item) override;
  Result<bool> macro_is_free(const Department& department, std::string_view macro, KnowledgeId but,
                             const JobId& job) override;
  Result<Versions> versions(const JobId& job, bool validation, const ItemRecord& item) override;
  Result<std::vector<Revision>> history(const Department& department, KnowledgeId article) override;

 private:
  Database& database_;
};

}  // namespace waybill::storage::sql
