#include "storage/testing/store_fixture.h"

#include <sqlite3.h>

#include "base/text.h"
#include "storage/postgres/postgres_store.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/testing/postgres_server.h"

namespace waybill::storage {

namespace {

constexpr const char* kKnowledgeTables[] = {"folders", "articles",  "article_revisions", "topics",
                                            "portals", "sequences", "replaced_items",    "article_types"};

class SqliteDatabase final : public TestDatabase {
 public:
  std::filesystem::path folder() const override { return folder_.path(); }
  Result<std::unique_ptr<ServerStore>> open(const Clock& clock) override {
    return open_sqlite(folder_.path(), std::make_unique<NoBlobs>(), clock);
  }
  void clear() override {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      std::filesystem::remove(entry.path());
  }
  std::int64_t read_integer(const std::string& sql) override {
    std::int64_t number = 0;
    each_row(sql, [&](sqlite3_stmt* row) { number = sqlite3_column_int64(row, 0); });
    return number;
  }
  std::string dump() override {
    std::string text;
    for (const char* table : kKnowledgeTables) {
      each_row(std::string("SELECT * FROM ") + table, [&](sqlite3_stmt* row) {
        for (int i = 0; i < sqlite3_column_count(row); ++i) {
          if (std::string_view(sqlite3_column_name(row, i)) == "job") continue;
          const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, i));
          const std::string value(bytes == nullptr ? "" : bytes,
                                  static_cast<std::size_t>(sqlite3_column_bytes(row, i)));
          text += (sqlite3_column_type(row, i) == SQLITE_BLOB ? hex_encode(value) : value) + "|";
        }
        text += "\n";
      });
    }
    return text;
  }
  std::string literal(std::string_view bytes) const override { return "x'" + hex_encode(bytes) + "'"; }
  bool jobs_hold(const std::string& text) override {
    for (const char* file : {"waybill.db", "waybill.db-wal"}) {
      const auto bytes = read_file(folder_.path() / file, 1U << 30U);
      EXPECT_TRUE(bytes.ok()) << file;
      if (bytes && bytes->find(text) != std::string::npos) return true;
    }
    return false;
  }

 private:
  template <typename Visit>
  void each_row(const std::string& sql, Visit visit) {
    sqlite3* handle = nullptr;
    sqlite3_stmt* rows = nullptr;
    const auto file = folder_.path() / "waybill.db";
    EXPECT_EQ(sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
    EXPECT_EQ(sqlite3_prepare_v2(handle, sql.c_str(), -1, &rows, nullptr), SQLITE_OK) << sql;
    while (sqlite3_step(rows) == SQLITE_ROW) visit(rows);
    sqlite3_finalize(rows);
    sqlite3_close(handle);
  }

  TemporaryFolder folder_;
};

class PostgresDatabase final : public TestDatabase {
 public:
  explicit PostgresDatabase(PostgresServer& server) : server_(server), url_(server.make_database()) {}
  ~PostgresDatabase() override { server_.give_back(url_); }
  std::filesystem::path folder() const override { return folder_.path(); }

  Result<std::unique_ptr<ServerStore>> open(const Clock& clock) override {
    PostgresOptions options;
    options.url = url_;
    options.connections = 5;
    options.key_file = folder_.path() / "master.key";
    options.follow_database_clock = false;
    return open_postgres(options, std::make_unique<NoBlobs>(), clock);
  }
  void clear() override {
    server_.give_back(url_);
    url_ = server_.make_database();
  }
  std::int64_t read_integer(const std::string& sql) override {
    const std::string text = PostgresServer::run(url_, sql);
    return text.empty() ? 0 : std::stoll(text);
  }
  std::string dump() override {
    std::string text;
    for (const std::string table : kKnowledgeTables) {
      const std::string rows = PostgresServer::run(
          url_, "SELECT (to_jsonb(row) - 'job')::text FROM " + table + " AS row ORDER BY 1");
      if (!rows.empty()) text += rows + "\n";
    }
    return text;
  }
  std::string literal(std::string_view bytes) const override {
    return "'\\x" + hex_encode(bytes) + "'::bytea";
  }
  bool jobs_hold(const std::string& text) override {
    return read_integer("SELECT count(*) FROM jobs WHERE strpos(jobs::text, '" + text +
                        "') > 0 OR position('\\x" + hex_encode(text) +
                        "'::bytea in coalesce(sealed_credentials, '')) > 0") > 0;
  }

 private:
  PostgresServer& server_;
  std::string url_;
  TemporaryFolder folder_;
};

}  // namespace

std::unique_ptr<TestDatabase> make_test_database(DatabaseKind kind) {
  if (kind == DatabaseKind::sqlite) return std::make_unique<SqliteDatabase>();
  PostgresServer* server = PostgresServer::shared();
  if (server == nullptr) return nullptr;
  return std::make_unique<PostgresDatabase>(*server);
}

}  // namespace waybill::storage
