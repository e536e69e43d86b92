#pragma once

#include <span>

namespace waybill::storage::sqlite {

/// Every statement of sql/*.sql by its name there.
enum class Sql : unsigned {
#define X(name) name,
#include "statement_names.inc"
#undef X
  count_of_statements
};

/// Ends with a zero byte; lives as long as the program.
const char* statement_text(Sql sql);

/// A step of the schema of waybill.db: migrations/NNNN_what.sql.
struct Migration {
  int number;
  const char* name;
  const char* text;
};

/// All of them, in order, from 1 without a gap.
std::span<const Migration> migrations();

/// The whole schema of search.db.
const char* search_schema();

}  // namespace waybill::storage::sqlite
