#pragma once

#include "base/result.h"
#include "storage/sql/query.h"
#include "storage/store.h"

namespace waybill::storage::sql {

/// What a batch has to know of its job's row.
struct OwnedJob {
  std::int64_t number = 0;
  std::int64_t last_entry = 0;
};

/// The row of the batch's job, held until the transaction ends. Errors: lease_lost, internal.
Result<OwnedJob> owned_job(Connection& writer, const Batch& batch);

/// The job's row after the batch.
Result<void> advance_job(Connection& writer, const OwnedJob& job, const Batch& batch);

/// The whole batch, row by row, within the caller's transaction. Errors: as Store::commit().
Result<void> write_batch(Connection& writer, const Batch& batch);

}  // namespace waybill::storage::sql
