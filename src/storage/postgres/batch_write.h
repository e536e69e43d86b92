#pragma once

#include "base/result.h"
#include "storage/postgres/connection.h"
#include "storage/store.h"

namespace waybill::storage::postgres {

/// What sql::write_batch() does, with one statement or one COPY for all rows of a kind in place of one for
/// each: a batch takes a fixed number of round trips. Within the caller's transaction. Errors: as
/// Store::commit().
Result<void> write_batch(Connection& writer, const Batch& batch);

}  // namespace waybill::storage::postgres
