#include "storage/sql/server_values.h"

#include "base/hash.h"

namespace waybill::storage::sql {

namespace {

// A sealed word in the database: opens with the right master key alone.
constexpr std::string_view kKeyCheckName = "key_check";
constexpr std::string_view kKeyCheckWord = "waybill";
constexpr std::string_view kDatabaseIdName = "database_id";

Result<std::optional<std::string>> get_value(Connection& connection, std::string_view name) {
  Query query(connection, Sql::get_server_value, name);
  WB_TRY(const bool row, query.step());
  return row ? std::optional(query.string(0)) : std::nullopt;
}

Result<void> set_value(Connection& connection, std::string_view name, std::string_view value) {
  return Query(connection, Sql::set_server_value, name, Blob{value}).run();
}

Result<Sealer> load_or_create(const std::filesystem::path& key_file) {
  auto sealer = Sealer::load(key_file);
  if (sealer || sealer.error().code != ErrorCode::not_found) return sealer;
  auto created = Sealer::create(key_file);
  // Another process was first.
  if (!created && created.error().code == ErrorCode::already_exists) return Sealer::load(key_file);
  return created;
}

}  // namespace

Result<std::string> database_id(Connection& writer) {
  WB_TRY(const auto id, get_value(writer, kDatabaseIdName));
  if (id) return *id;
  const std::string made = random_bytes(16);
  WB_CHECK_OK(set_value(writer, kDatabaseIdName, made));
  return made;
}

Result<Sealer> open_sealer(Connection& writer, const std::filesystem::path& key_file) {
  WB_TRY(const auto check, get_value(writer, kKeyCheckName));
  if (!check) {
    WB_TRY(Sealer sealer, load_or_create(key_file));
    WB_CHECK_OK(set_value(writer, kKeyCheckName, sealer.seal(kKeyCheckWord, kKeyCheckName)));
    return sealer;
  }
  auto sealer = Sealer::load(key_file);
  if (!sealer && sealer.error().code == ErrorCode::not_found) {
    return Error{
        ErrorCode::not_found,
        "the key file " + key_file.string() +
            " is not there, and the database was made with one: put it back, or copy it from another "
            "node that works on the same database"};
  }
  if (sealer && !sealer->open(*check, kKeyCheckName)) {
    return Error{ErrorCode::corrupt,
                 "the key file " + key_file.string() +
                     " does not belong to the database: put the one there that it was made with"};
  }
  return sealer;
}

}  // namespace waybill::storage::sql
