#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/ids.h"
#include "report/finding.h"
#include "storage/item_store.h"
#include "storage/sql/query.h"

namespace waybill::storage::sql {

/// One content that an item has, or had.
struct PastVersion {
  std::int64_t number = 0;  // of an article its change, else its revision
  JobId job;
  std::optional<std::int64_t> copy_of;   // whose content an undo has brought back with it
  std::optional<std::int64_t> previous;  // the one that it replaced
  bool removed = false;
  std::string macro;
};

/// The contents of one item, from the newest back. What an undo has brought back stands for what it was
/// copied from: a version and those that it is a copy of are one step of the item's past, and the jobs that
/// wrote them are that step's. What was taken back is no step any longer. Lives within the caller's
/// transaction.
class ItemPast {
 public:
  ItemPast(Connection& reader, report::ItemKind kind, KnowledgeId id)
      : reader_(reader), kind_(kind), id_(id) {}

  /// nullopt where the department does not have it (any longer).
  Result<std::optional<PastVersion>> now(const Department& department);
  /// As it was before it was removed; nullopt where nothing is kept.
  Result<std::optional<PastVersion>> at_last();
  Result<std::optional<PastVersion>> then(std::int64_t number);

  /// The version of a step that the job wrote; nullopt where it wrote none of it. Sets `version`, the step's
  /// newest, to its oldest: what the others are copies of.
  Result<std::optional<PastVersion>> written_by(const JobId& job, PastVersion& version);
  /// Whether an earlier step than that which begins with `oldest` is the job's.
  Result<bool> is_below(const JobId& job, PastVersion oldest);

 private:
  Result<std::optional<PastVersion>> read(Query query);

  Connection& reader_;
  report::ItemKind kind_;
  KnowledgeId id_;
};

/// ItemStore::standing within the caller's transaction.
Result<Standing> find_standing(Connection& reader, const Department& department, const ItemRecord& item,
                               const JobId& job);

/// Whether the item's newest step is the job's.
Result<bool> stands_by(Connection& reader, const Department& department, report::ItemKind kind,
                       KnowledgeId id, const JobId& job);

}  // namespace waybill::storage::sql
