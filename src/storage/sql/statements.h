#pragma once

#include <cstddef>

namespace waybill::storage::sql {

/// Every statement by its name: sql/common/ holds those that both databases understand, sqlite/sql/ and
/// postgres/sql/ what each has in its own words.
enum class Sql : unsigned {
#define X(name) name,
#include "statement_names.inc"
#undef X
  count_of_statements
};

inline constexpr auto kStatements = static_cast<std::size_t>(Sql::count_of_statements);

/// A step of a database's schema: migrations/NNNN_what.sql.
struct Migration {
  int number;
  const char* name;
  const char* text;
};

}  // namespace waybill::storage::sql
