#include "storage/postgres/postgres_store.h"

#include <optional>
#include <utility>

#include "storage/postgres/batch_write.h"
#include "storage/postgres/database.h"
#include "storage/postgres/database_clock.h"
#include "storage/postgres/embedded_sql.h"
#include "storage/postgres/jobs.h"
#include "storage/postgres/knowledge_read.h"
#include "storage/postgres/listener.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/search.h"
#include "storage/sql/server_values.h"
#include "storage/sql/sql_store.h"

namespace waybill::storage {

namespace postgres {

namespace {

/// What a store is made of; apart, so that it is there before the base class that refers to it.
struct Parts {
  Parts(const PostgresOptions& options, const Clock& local)
      : database(options.url, options.connections, options.abandoned_after),
        search(database),
        database_clock(local) {}
  Database database;
  Search search;
  DatabaseClock database_clock;
};

std::unique_ptr<sql::Jobs> make_jobs(sql::Database& database, const Sealer& sealer, const Clock& clock) {
  return std::make_unique<Jobs>(database, sealer, clock);
}

class PostgresStore final : private Parts, public sql::SqlStore {
 public:
  PostgresStore(const PostgresOptions& options, Sealer sealer, std::unique_ptr<BlobStore> blobs,
                const Clock& local)
      : Parts(options, local),
        SqlStore(database, search, std::move(sealer), std::move(blobs),
                 options.follow_database_clock ? static_cast<const Clock&>(database_clock) : local, make_jobs,
                 std::make_unique<KnowledgeReader>(database, search)),
        follow_(options.follow_database_clock) {}
  ~PostgresStore() override { stop_listening(); }

  Result<void> measure_clock(Connection& connection) {
    return follow_ ? database_clock.measure(connection) : Result<void>();
  }
  Result<void> commit(const Batch& batch) override {
    return database.write(
        [&](sql::Connection& writer) { return write_batch(static_cast<Connection&>(writer), batch); });
  }
  std::uint64_t outages() const override { return database.outages() + SqlStore::outages(); }
  Result<void> ping() override { return database.ping(); }
  /// The server checks its pages itself, where it was set up to (initdb --data-checksums).
  Result<bool> look_for_damage(std::uint64_t) override { return true; }
  bool shared() const override { return true; }
  // While the database writes one lane's documents the node cuts the words of the other's.
  int index_lanes() const override { return 2; }
  void listen(std::function<void(const Notice&)> heard) override {
    listener_.emplace(database.url(), follow_ ? &database_clock : nullptr, std::move(heard));
  }
  void stop_listening() override { listener_.reset(); }

 private:
  const bool follow_;
  std::optional<Listener> listener_;
};

/// In one transaction, so that of nodes that start at once the first makes what is missing and the others
/// find it.
Result<Sealer> prepare(Connection& connection, const std::filesystem::path& key_file) {
  WB_CHECK_OK(connection.begin());
  // The table is small and read by nobody else: its lock holds off the other nodes.
  auto locked = connection.run_script("LOCK TABLE server_values IN SHARE ROW EXCLUSIVE MODE");
  Result<Sealer> sealer = locked ? sql::open_sealer(connection, key_file) : Result<Sealer>(locked.error());
  if (!sealer) {
    connection.rollback();
    return sealer;
  }
  WB_CHECK_OK(connection.commit());
  return sealer;
}

}  // namespace

}  // namespace postgres

Result<std::unique_ptr<ServerStore>> open_postgres(const PostgresOptions& options,
                                                   std::unique_ptr<BlobStore> blobs, const Clock& clock) {
  using namespace postgres;
  WB_TRY(const auto connection, Connection::open(options.url));
  WB_TRY(const int steps, migrate(*connection, migrations(), describe(options.url)));
  (void)steps;
  WB_TRY(Sealer sealer, prepare(*connection, options.key_file));
  auto store = std::make_unique<PostgresStore>(options, std::move(sealer), std::move(blobs), clock);
  WB_CHECK_OK(store->measure_clock(*connection));
  return std::unique_ptr<ServerStore>(std::move(store));
}

Result<int> migrate_postgres(const std::string& url) {
  using namespace postgres;
  WB_TRY(const auto connection, Connection::open(url));
  return migrate(*connection, migrations(), describe(url));
}

}  // namespace waybill::storage
