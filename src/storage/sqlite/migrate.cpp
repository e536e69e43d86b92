#include "storage/sqlite/migrate.h"

#include <string>

namespace waybill::storage::sqlite {

namespace {

Result<void> apply(Connection& connection, const sql::Migration& step) {
  WB_TRY(auto transaction, Transaction::begin(connection, Transaction::Kind::write));
  // Another process may have done it while this one waited for its turn.
  WB_TRY(const std::int64_t version, connection.read_integer("PRAGMA user_version"));
  if (version >= step.number) return {};
  WB_CHECK_OK(connection.run_script(step.text));
  const std::string mark = "PRAGMA user_version = " + std::to_string(step.number);
  WB_CHECK_OK(connection.run_script(mark.c_str()));
  return transaction->commit();
}

}  // namespace

Result<void> migrate(Connection& connection, std::span<const sql::Migration> known,
                     const std::filesystem::path& file) {
  WB_TRY(const std::int64_t version, connection.read_integer("PRAGMA user_version"));
  if (version > static_cast<std::int64_t>(known.size())) {
    return Error{ErrorCode::conflict,
                 "the database " + file.string() + " has schema " + std::to_string(version) +
                     ", this program knows up to " + std::to_string(known.size()) +
                     ": run the newer program that wrote it, or use another data folder"};
  }
  for (const sql::Migration& step : known) {
    if (auto applied = apply(connection, step); !applied) {
      Error error = applied.error();
      error.message =
          "cannot bring the database " + file.string() + " to schema " + step.name + ": " + error.message;
      return error;
    }
  }
  return {};
}

}  // namespace waybill::storage::sqlite
