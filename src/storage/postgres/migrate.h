#pragma once

#include <span>

#include "base/result.h"
#include "storage/postgres/connection.h"
#include "storage/sql/statements.h"

namespace waybill::storage::postgres {

/// Brings the schema up to the last of `known`, each step in a transaction of its own; of several programs
/// that do so at once one goes first and the others find it done; one that collides with a node at work is
/// taken again. `where` names the database in errors. A migration says in its first line which is the oldest
/// program (by the number of migrations it knows) that can work on the schema after it: such programs go on
/// beside newer ones, so that nodes can be upgraded one by one. Returns how many steps were taken. Errors:
/// conflict (the schema is too new for this program: nothing is changed), invalid_argument (the database is
/// not in UTF8), and those of database_error.
Result<int> migrate(Connection& connection, std::span<const sql::Migration> known, const std::string& where);

}  // namespace waybill::storage::postgres
