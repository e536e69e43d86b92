#include "storage/sqlite/database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/files.h"
#include "storage/sqlite/migrate.h"

namespace waybill::storage::sqlite {
namespace {

TEST(Statements, AllPrepareOnTheSchemaTheyAreFor) {
  const TemporaryFolder folder;
  auto store = Connection::open(folder.path() / "waybill.db", {});
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(migrate(**store, migrations(), "waybill.db").ok());
  auto search = Connection::open(folder.path() / "search.db", {});
  ASSERT_TRUE((*search)->run_script(search_schema()).ok());
  for (unsigned i = 0; i < static_cast<unsigned>(Sql::count_of_statements); ++i) {
    const Sql sql = static_cast<Sql>(i);
    if (statement_text(sql) == nullptr) continue;  // PostgreSQL's alone
    const std::string explained = std::string("EXPLAIN ") + statement_text(sql);
    EXPECT_TRUE((*store)->run_script(explained.c_str()).ok() || (*search)->run_script(explained.c_str()).ok())
        << statement_text(sql);
  }
}

TEST(DatabaseError, SaysWhatTheCallerCanDo) {
  EXPECT_EQ(database_error(SQLITE_FULL, "x").code, ErrorCode::no_space);
  EXPECT_EQ(database_error(SQLITE_BUSY_SNAPSHOT, "x").code, ErrorCode::unavailable);
  EXPECT_EQ(database_error(SQLITE_CORRUPT_VTAB, "x").code, ErrorCode::corrupt);
  EXPECT_EQ(database_error(SQLITE_NOTADB, "x").code, ErrorCode::corrupt);
  EXPECT_EQ(database_error(SQLITE_IOERR_FSYNC, "x").code, ErrorCode::io);
  EXPECT_EQ(database_error(SQLITE_READONLY, "x").code, ErrorCode::io);
  EXPECT_EQ(database_error(SQLITE_CONSTRAINT, "secret value").code, ErrorCode::internal);
  EXPECT_EQ(database_error(SQLITE_CONSTRAINT, "secret value").message.find("secret"), std::string::npos);
}

TEST(Connection, SyncsEachCommitAndChecksReferences) {
  const TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.db", {});
  ASSERT_TRUE(connection.ok());
  EXPECT_EQ(*(*connection)->read_integer("PRAGMA synchronous"), 2);  // FULL
  EXPECT_EQ(*(*connection)->read_integer("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(*(*connection)->read_integer("PRAGMA page_size"), 8192);
  EXPECT_EQ(*(*connection)->read_integer("SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
}

TEST(Transaction, UndoesWhatIsNotCommitted) {
  const TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.db", {});
  ASSERT_TRUE((*connection)->run_script("CREATE TABLE t (x)").ok());
  for (const bool keep : {false, true}) {
    auto transaction = Transaction::begin(**connection, Transaction::Kind::write);
    ASSERT_TRUE((*connection)->run_script("INSERT INTO t VALUES (1)").ok());
    if (keep) {
      EXPECT_TRUE((*transaction)->commit().ok());
    }
  }
  EXPECT_EQ(*(*connection)->read_integer("SELECT count(*) FROM t"), 1);
}

}  // namespace
}  // namespace waybill::storage::sqlite
