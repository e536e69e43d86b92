#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "storage/postgres/connection.h"
#include "storage/sql/knowledge_write.h"

namespace waybill::storage::postgres {

/// What sql::write_changes() does, with a few round trips for all articles that follow each other, and as
/// many for folders and topics. Errors: the same.
Result<std::vector<KnowledgeId>> write_changes(Connection& writer, const sql::Origin& origin,
                                               std::span<const knowledge::Change> changes);

}  // namespace waybill::storage::postgres
