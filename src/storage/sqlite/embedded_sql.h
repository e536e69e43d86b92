#pragma once

#include <span>

#include "storage/sql/statements.h"

namespace waybill::storage::sqlite {

/// Ends with a zero byte; lives as long as the program. Null where SQLite needs no such statement.
const char* statement_text(sql::Sql sql);

/// The schema of waybill.db: all steps, in order, from 1 without a gap.
std::span<const sql::Migration> migrations();

/// The whole schema of search.db.
const char* search_schema();

}  // namespace waybill::storage::sqlite
