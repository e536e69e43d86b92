#include "storage/sqlite/sqlite_store.h"

#include <system_error>
#include <utility>

#include "base/files.h"
#include "storage/sql/server_values.h"
#include "storage/sql/sql_store.h"
#include "storage/sqlite/connections.h"
#include "storage/sqlite/migrate.h"
#include "storage/sqlite/search_index.h"

namespace waybill::storage {

namespace sqlite {

namespace {

constexpr ConnectionOptions kWriterOptions{.read_only = false, .full_sync = true, .cache_kibibytes = 32768};

/// What a store is made of; apart, so that it is there before the base class that refers to it.
struct Parts {
  std::unique_ptr<Database> database;
  std::unique_ptr<SearchIndex> index;
};

std::unique_ptr<sql::Jobs> make_jobs(sql::Database& database, const Sealer& sealer, const Clock& clock) {
  return std::make_unique<sql::Jobs>(database, sealer, clock);
}

class SqliteStore final : private Parts, public sql::SqlStore {
 public:
  SqliteStore(Parts parts, Sealer sealer, std::unique_ptr<BlobStore> blobs, const Clock& clock)
      : Parts(std::move(parts)),
        SqlStore(*database, *index, std::move(sealer), std::move(blobs), clock, make_jobs,
                 std::make_unique<sql::KnowledgeReader>(*database, *index)) {}

  Result<void> ping() override { return database->ping(); }
  Result<bool> look_for_damage(std::uint64_t most_bytes) override {
    return database->look_for_damage(most_bytes);
  }
  bool shared() const override { return false; }
  void listen(std::function<void(const Notice&)>) override {}
  void stop_listening() override {}
};

}  // namespace

}  // namespace sqlite

Result<std::unique_ptr<ServerStore>> open_sqlite(const std::filesystem::path& folder,
                                                 std::unique_ptr<BlobStore> blobs, const Clock& clock) {
  using namespace sqlite;
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return errno_error("cannot make the folder " + folder.string(), failure.value());

  const std::filesystem::path file = folder / "waybill.db";
  WB_TRY(auto writer, Connection::open(file, kWriterOptions));
  WB_CHECK_OK(migrate(*writer, migrations(), file));
  auto database = std::make_unique<Database>(file, std::move(writer));
  // In one transaction, so that two processes that start at once agree.
  WB_TRY(const std::string id,
         database->write([](sql::Connection& connection) { return sql::database_id(connection); }));
  WB_TRY(Sealer sealer, database->write([&](sql::Connection& connection) {
    return sql::open_sealer(connection, folder / "master.key");
  }));
  WB_TRY(auto index, SearchIndex::open(folder / "search.db", *database, id));
  return std::unique_ptr<ServerStore>(std::make_unique<SqliteStore>(
      Parts{std::move(database), std::move(index)}, std::move(sealer), std::move(blobs), clock));
}

}  // namespace waybill::storage
