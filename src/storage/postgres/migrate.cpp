#include "storage/postgres/migrate.h"

#include <charconv>
#include <string>
#include <string_view>

namespace waybill::storage::postgres {

namespace {

constexpr const char* kMakeTable =
    "CREATE TABLE waybill_schema ("
    "  step integer PRIMARY KEY, name text NOT NULL, oldest_program integer NOT NULL,"
    "  applied timestamptz NOT NULL DEFAULT now())";
// Held until the transaction's end; the number has no meaning but that it is Waybill's alone.
constexpr const char* kOneAtATime = "SELECT pg_advisory_xact_lock(7740161523482)";

Result<bool> has_table(Connection& connection) {
  WB_TRY(const std::int64_t there,
         connection.read_integer("SELECT count(*) FROM pg_class WHERE oid = to_regclass('waybill_schema')"));
  return there != 0;
}

Result<std::int64_t> version_of(Connection& connection) {
  WB_TRY(const bool there, has_table(connection));
  if (!there) return std::int64_t{0};
  return connection.read_integer("SELECT coalesce(max(step), 0) FROM waybill_schema");
}

/// From "-- Oldest program that can work on this schema: 3.", the first line of a migration; without it, only
/// programs that know the step.
int oldest_program(const sql::Migration& step) {
  constexpr std::string_view kBegins = "-- Oldest program that can work on this schema: ";
  const std::string_view text(step.text);
  int number = step.number;
  if (text.starts_with(kBegins)) {
    std::from_chars(text.data() + kBegins.size(), text.data() + text.size(), number);
  }
  return number;
}

Result<bool> take_step(Connection& connection, const sql::Migration& step) {
  WB_TRY(const std::int64_t locked, connection.read_integer(kOneAtATime));
  (void)locked;
  WB_TRY(const bool there, has_table(connection));
  if (!there) WB_CHECK_OK(connection.run_script(kMakeTable));
  WB_TRY(const std::int64_t version, version_of(connection));
  if (version >= step.number) return false;
  WB_CHECK_OK(connection.run_script(step.text));
  const std::string note = "INSERT INTO waybill_schema (step, name, oldest_program) VALUES (" +
                           std::to_string(step.number) + ", '" + step.name + "', " +
                           std::to_string(oldest_program(step)) + ")";
  WB_CHECK_OK(connection.run_script(note.c_str()));
  return true;
}

Result<bool> try_step(Connection& connection, const sql::Migration& step) {
  WB_CHECK_OK(connection.begin());
  auto taken = take_step(connection, step);
  if (!taken) {
    connection.rollback();
    return taken;
  }
  WB_CHECK_OK(connection.commit());
  return taken;
}

/// A step locks table after table, in another order than nodes at work do: where PostgreSQL ends the deadlock
/// by ending the step, it is rolled back whole and taken again.
Result<bool> apply(Connection& connection, const sql::Migration& step) {
  for (int left = Connection::kCollisions;; --left) {
    auto taken = try_step(connection, step);
    if (taken || !connection.collided() || left == 0) return taken;
  }
}

}  // namespace

Result<int> migrate(Connection& connection, std::span<const sql::Migration> known, const std::string& where) {
  WB_TRY(const std::int64_t utf8,
         connection.read_integer("SELECT (current_setting('server_encoding') = 'UTF8')::int"));
  if (utf8 == 0) {
    return Error{ErrorCode::invalid_argument, "the database " + where +
                                                  " is not in UTF8: make one with `createdb --encoding UTF8 "
                                                  "--template template0`"};
  }
  WB_TRY(const std::int64_t version, version_of(connection));
  const auto newest = static_cast<std::int64_t>(known.size());
  if (version > newest) {
    WB_TRY(const std::int64_t oldest,
           connection.read_integer("SELECT max(oldest_program) FROM waybill_schema"));
    if (oldest <= newest) return 0;
    return Error{ErrorCode::conflict, "the database " + where + " has schema " + std::to_string(version) +
                                          ", this program knows up to " + std::to_string(newest) +
                                          ": run the newer program that wrote it, or use another database"};
  }
  int taken = 0;
  for (const sql::Migration& step : known.subspan(static_cast<std::size_t>(version))) {
    auto applied = apply(connection, step);
    if (!applied) {
      Error error = std::move(applied).error();
      error.message = "cannot bring the database " + where + " to schema " + step.name + ": " + error.message;
      return error;
    }
    taken += *applied ? 1 : 0;
  }
  return taken;
}

}  // namespace waybill::storage::postgres
