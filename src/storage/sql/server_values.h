#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/sealer.h"
#include "storage/sql/query.h"

namespace waybill::storage::sql {

/// 16 random bytes that tell databases apart, made at the first call. Within a writing transaction.
Result<std::string> database_id(Connection& writer);

/// The master key that belongs to the database; a new one for a new database. Within a writing transaction.
/// Errors, each naming the file: not_found (it is not there, and the database was made with one), corrupt (it
/// is another's), and those of Sealer.
Result<Sealer> open_sealer(Connection& writer, const std::filesystem::path& key_file);

}  // namespace waybill::storage::sql
