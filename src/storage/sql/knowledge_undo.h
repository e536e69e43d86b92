#pragma once

#include <vector>

#include "storage/item_store.h"
#include "storage/sql/knowledge_write.h"

namespace waybill::storage::sql {

/// Applies the steps of an undo in their order within the caller's transaction. Whoever made them has looked
/// at ItemStore::standing first, and no other job writes to the department meanwhile. What a step changes is
/// kept as a revision. Errors: internal (what is to be changed is not there), and those of database_error;
/// the caller then rolls back.
Result<void> apply_reversals(Connection& writer, const Origin& origin,
                             const std::vector<Reversal>& reversals);

}  // namespace waybill::storage::sql
