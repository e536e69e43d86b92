#pragma once

#include <span>

#include "storage/sql/statements.h"

namespace waybill::storage::postgres {

/// Ends with a zero byte; lives as long as the program. Null where PostgreSQL needs no such statement.
const char* statement_text(sql::Sql sql);

/// The schema: all steps, in order, from 1 without a gap.
std::span<const sql::Migration> migrations();

}  // namespace waybill::storage::postgres
