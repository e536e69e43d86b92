#pragma once

#include <filesystem>
#include <span>

#include "base/result.h"
#include "storage/sqlite/database.h"

namespace waybill::storage::sqlite {

/// Brings the schema of `file`, open as `connection`, up to the last of `known`, each step in a transaction
/// of its own. The number reached stands in the file (PRAGMA user_version). Errors: conflict (the file was
/// written by a newer program: nothing is changed), and those of database_error.
Result<void> migrate(Connection& connection, std::span<const sql::Migration> known,
                     const std::filesystem::path& file);

}  // namespace waybill::storage::sqlite
