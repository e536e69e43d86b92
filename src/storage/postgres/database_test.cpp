#include "storage/postgres/database.h"
#include "storage/postgres/copy_rows.h"

#include <gmock/gmock.h>

#include <thread>

#include "storage/postgres/embedded_sql.h"
#include "storage/postgres/migrate.h"
#include "storage/testing/postgres_server.h"

namespace waybill::storage::postgres {
namespace {

class PostgresTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = PostgresServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << "PostgreSQL is not installed";
    url_ = server_->make_database();
  }
  void TearDown() override {
    if (server_ != nullptr) server_->give_back(url_);
  }
  std::unique_ptr<Connection> connect() {
    auto connection = Connection::open(url_);
    EXPECT_TRUE(connection.ok()) << connection.error().message << " / " << connection.error().detail;
    return *std::move(connection);
  }

  PostgresServer* server_ = nullptr;
  std::string url_;
};

TEST_F(PostgresTest, AllStatementsPrepareOnTheSchemaTheyAreFor) {
  const auto connection = connect();
  ASSERT_TRUE(migrate(*connection, migrations(), "x").ok());
  for (unsigned i = 0; i < sql::kStatements; ++i) {
    const char* text = statement_text(static_cast<sql::Sql>(i));
    if (text == nullptr) continue;  // SQLite's alone
    const std::string name = "s" + std::to_string(i);
    const auto prepared = connection->run_script(("PREPARE " + name + " AS " + text).c_str());
    EXPECT_TRUE(prepared.ok()) << text << "\n" << prepared.error().detail;
  }
}

TEST_F(PostgresTest, ATransactionWhoseOwnerIsSilentHoldsNothingForLong) {
  const auto other = connect();
  ASSERT_TRUE(other->run_script("CREATE TABLE one (value integer); INSERT INTO one VALUES (0)").ok());
  auto silent = Connection::open(url_, Milliseconds(200));
  ASSERT_TRUE(silent.ok());
  ASSERT_TRUE((*silent)->begin().ok());
  ASSERT_TRUE((*silent)->run_script("UPDATE one SET value = 1").ok());
  ASSERT_TRUE(other->run_script("UPDATE one SET value = 2 WHERE value = 0").ok());  // waits for the row
  const auto late = (*silent)->commit();
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::unavailable);
  EXPECT_TRUE((*silent)->broken());
  EXPECT_EQ(*other->read_integer("SELECT value FROM one"), 2);
}

TEST_F(PostgresTest, ACopyWhoseWordToBeginDoesNotComeIsGivenUpWithTheLease) {
  const auto other = connect();
  ASSERT_TRUE(other->run_script("CREATE TABLE one (value integer)").ok());
  ASSERT_TRUE(other->begin().ok());
  ASSERT_TRUE(other->run_script("LOCK TABLE one").ok());
  auto copying = Connection::open(url_, Milliseconds(200));
  ASSERT_TRUE(copying.ok());
  ASSERT_TRUE((*copying)->begin().ok());
  const auto copied =
      (*copying)->copy_in("COPY one FROM STDIN (FORMAT binary)", 1, [](CopyRows& rows) { rows.begin_row(); });
  ASSERT_FALSE(copied.ok());
  EXPECT_EQ(copied.error().code, ErrorCode::unavailable);
  EXPECT_THAT(copied.error().detail, testing::HasSubstr("no answer within 1 s"));
  EXPECT_TRUE((*copying)->broken());
  EXPECT_TRUE(other->commit().ok());
}

TEST_F(PostgresTest, RowsAreSentWhileMoreAreAdded) {
  const auto connection = connect();
  ASSERT_TRUE(connection->run_script("CREATE TABLE one (number bigint, words text)").ok());
  constexpr std::int64_t kRows = 3'000;
  const std::string words(1'000, 'w');
  const auto copied = connection->copy_in("COPY one FROM STDIN (FORMAT binary)", 2, [&](CopyRows& rows) {
    for (std::int64_t i = 0; i < kRows; ++i) {
      rows.begin_row();
      rows.add_bigint(i);
      if (i == 7) {
        rows.add_null();
      } else {
        rows.add_text(i == 8 ? std::string(1'000'000, 'l') : words);
      }
    }
  });
  ASSERT_TRUE(copied.ok()) << copied.error().detail;
  EXPECT_EQ(*connection->read_integer("SELECT count(DISTINCT number) FROM one"), kRows);
  EXPECT_EQ(*connection->read_integer("SELECT sum(length(words)) FROM one"), (kRows - 2) * 1'000 + 1'000'000);
  EXPECT_EQ(*connection->read_integer("SELECT number FROM one WHERE words IS NULL"), 7);
}

TEST_F(PostgresTest, ACopyThatFailsInItsMidstSaysWhyAndTheConnectionGoesOn) {
  const auto connection = connect();
  ASSERT_TRUE(connection->run_script("CREATE TABLE one (number bigint CHECK (number < 10))").ok());
  const auto copied = connection->copy_in("COPY one FROM STDIN (FORMAT binary)", 1, [&](CopyRows& rows) {
    for (std::int64_t i = 0; i < 200'000; ++i) {
      rows.begin_row();
      rows.add_bigint(i);
    }
  });
  ASSERT_FALSE(copied.ok());
  EXPECT_THAT(copied.error().detail, testing::HasSubstr("one_number_check"));
  EXPECT_FALSE(connection->broken());
  EXPECT_EQ(*connection->read_integer("SELECT count(*) FROM one"), 0);
}

TEST_F(PostgresTest, AConnectionIsGivenUpWhoseRowsWereNotAllMade) {
  const auto connection = connect();
  ASSERT_TRUE(connection->run_script("CREATE TABLE one (number bigint)").ok());
  const auto copy = [&] {
    return connection->copy_in("COPY one FROM STDIN (FORMAT binary)", 1,
                               [](CopyRows&) { throw std::bad_alloc(); });
  };
  EXPECT_THROW((void)copy(), std::bad_alloc);
  EXPECT_TRUE(connection->broken()) << "the server waits for the other rows";
}

TEST_F(PostgresTest, CallsStayPreparedWhereTheSessionIsItsOwn) {
  const auto connection = connect();
  ASSERT_TRUE(migrate(*connection, migrations(), "x").ok());
  EXPECT_TRUE(connection->owns_session());
  const auto call = [&] {
    const char* const none = "{}";
    return sql::Query(*connection, sql::Sql::end_and_claim, none, none, none, none, none, none, none, none,
                      none, 0, 0, "worker-1", 0, 1, 1, 0, 0, 0, 0)
        .run();
  };
  const auto prepared = [&] {
    return *connection->read_integer("SELECT count(*) FROM pg_prepared_statements");
  };
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(call().ok());
  EXPECT_EQ(prepared(), 1);
  ASSERT_TRUE(sql::Query(*connection, sql::Sql::touch_jobs).run().ok());
  EXPECT_EQ(prepared(), 1) << "what reads a table is planned by what lies in it now";
  ASSERT_TRUE(connection->run_script("DEALLOCATE ALL").ok());
  EXPECT_FALSE(call().ok());
  EXPECT_TRUE(connection->collided()) << "the same again may succeed";
  EXPECT_FALSE(connection->owns_session()) << "somebody else was at work in it";
  EXPECT_TRUE(call().ok());
  EXPECT_EQ(prepared(), 0);
}

TEST_F(PostgresTest, ValuesComeBackAsTheyWentIn) {
  const auto connection = connect();
  ASSERT_TRUE(connection->run_script("CREATE TABLE server_values (name text PRIMARY KEY, value bytea)").ok());
  const std::string bytes("\0\xFF'\\x00", 8);
  ASSERT_TRUE(sql::Query(*connection, sql::Sql::set_server_value, "a'b\\", sql::Blob{bytes}).run().ok());
  sql::Query query(*connection, sql::Sql::get_server_value, "a'b\\");
  const auto row = query.step();
  ASSERT_TRUE(row.ok() && *row);
  EXPECT_EQ(query.text(0), bytes);
  EXPECT_FALSE(*query.step());
  EXPECT_EQ(*connection->read_integer("SELECT -5::smallint"), -5);
  EXPECT_EQ(*connection->read_integer("SELECT 9007199254740993"), 9007199254740993);
  EXPECT_EQ(*connection->read_integer("SELECT true"), 1);
  EXPECT_EQ(*connection->read_integer("SELECT NULL::bigint"), 0);
}

TEST_F(PostgresTest, TextThatIsNoTextIsKeptWithReplacements) {
  const auto connection = connect();
  ASSERT_TRUE(connection->run_script("CREATE TABLE server_values (name text PRIMARY KEY, value bytea)").ok());
  const std::string wrong("a\0b\xFF", 4);
  ASSERT_TRUE(sql::Query(*connection, sql::Sql::set_server_value, wrong, sql::Blob{"x"}).run().ok());
  EXPECT_EQ(PostgresServer::run(url_, "SELECT name FROM server_values"), "a\uFFFDb\uFFFD");
  sql::Query query(*connection, sql::Sql::get_server_value, wrong);
  EXPECT_TRUE(*query.step()) << "found again by the same bytes";
}

TEST_F(PostgresTest, WriteIsUndoneWhereItFailsAndRunAgainWhereAnotherGotIntoTheWay) {
  Database database(url_, 2);
  ASSERT_TRUE(connect()->run_script("CREATE TABLE server_values (name text PRIMARY KEY, value bytea)").ok());
  const auto put = [](sql::Connection& writer, const char* name) {
    return sql::Query(writer, sql::Sql::set_server_value, name, sql::Blob{"x"}).run();
  };
  const auto failed = database.write([&](sql::Connection& writer) -> Result<void> {
    WB_CHECK_OK(put(writer, "a"));
    return Error{ErrorCode::conflict, "no"};
  });
  EXPECT_EQ(failed.error().code, ErrorCode::conflict);
  EXPECT_EQ(PostgresServer::run(url_, "SELECT count(*) FROM server_values"), "0");
  int tries = 0;
  const auto done = database.write([&](sql::Connection& writer) -> Result<void> {
    const bool first = ++tries == 1;
    if (first) PostgresServer::run(url_, "INSERT INTO server_values VALUES ('a', 'x')");
    return put(writer, first ? "a" : "b");
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(PostgresServer::run(url_, "SELECT string_agg(name, ',' ORDER BY name) FROM server_values"),
            "a,b");
}

TEST_F(PostgresTest, GoesOnAfterTheServerWasRestarted) {
  Database database(url_, 3);
  ASSERT_TRUE(migrate(*connect(), migrations(), "x").ok());
  ASSERT_TRUE(database.ping().ok());
  server_->restart();
  EXPECT_TRUE(database.ping().ok()) << "a connection that lay idle is not the caller's matter";
  server_->restart();
  EXPECT_TRUE(database
                  .write([](sql::Connection& writer) {
                    return sql::Query(writer, sql::Sql::set_server_value, "a", sql::Blob{"x"}).run();
                  })
                  .ok());
}

TEST_F(PostgresTest, OpensNoMoreConnectionsThanItMay) {
  Database database(url_, 2);
  ASSERT_TRUE(migrate(*connect(), migrations(), "x").ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) EXPECT_TRUE(database.ping().ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(std::stoi(PostgresServer::run(url_,
                                          "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                          "current_database() AND application_name = 'waybill'")),
            2);
}

TEST_F(PostgresTest, MigrationBringsAnOlderSchemaUpAndAStepThatFailsChangesNothing) {
  const auto connection = connect();
  const sql::Migration steps[] = {{1, "0001_a", "CREATE TABLE a (x integer); INSERT INTO a VALUES (7);"},
                                  {2, "0002_b", "ALTER TABLE a ADD COLUMN y integer NOT NULL DEFAULT 5;"},
                                  {3, "0003_c", "CREATE TABLE c (x integer); CREATE TABLE c (x integer);"}};
  const std::span<const sql::Migration> all(steps);
  EXPECT_EQ(*migrate(*connection, all.first(1), "x"), 1);
  EXPECT_EQ(*migrate(*connection, all.first(2), "x"), 1);
  EXPECT_EQ(*migrate(*connection, all.first(2), "x"), 0);
  EXPECT_EQ(*connection->read_integer("SELECT x + y FROM a"), 12);
  const auto failed = migrate(*connection, all, "here");
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().message,
              testing::AllOf(testing::HasSubstr("here"), testing::HasSubstr("0003_c")));
  EXPECT_EQ(*connection->read_integer("SELECT max(step) FROM waybill_schema"), 2);
  EXPECT_EQ(*connection->read_integer("SELECT count(*) FROM pg_class WHERE relname = 'c'"), 0);
}

TEST_F(PostgresTest, StepThatADeadlockEndedIsTakenAgainFromItsBeginning) {
  const auto connection = connect();
  // The sequence is not rolled back with its transaction.
  ASSERT_TRUE(connection
                  ->run_script("CREATE SEQUENCE tries; CREATE FUNCTION collide_until(n integer) RETURNS void "
                               "LANGUAGE plpgsql AS $$ BEGIN IF nextval('tries') < n THEN RAISE SQLSTATE "
                               "'40P01'; END IF; END $$")
                  .ok());
  const sql::Migration steps[] = {{1, "0001_a", "CREATE TABLE a (x integer); SELECT collide_until(3);"},
                                  {2, "0002_b", "DROP TABLE a; SELECT collide_until(1000);"}};
  const std::span<const sql::Migration> all(steps);
  const auto taken = migrate(*connection, all.first(1), "x");
  ASSERT_TRUE(taken.ok()) << taken.error().detail;
  EXPECT_EQ(*connection->read_integer("SELECT nextval('tries')"), 4);
  const auto failed = migrate(*connection, all, "x");  // not for ever
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_EQ(*connection->read_integer("SELECT max(step) FROM waybill_schema"), 1);
}

TEST_F(PostgresTest, OfProgramsThatMigrateAtOnceOneTakesEachStep) {
  std::vector<std::thread> threads;
  std::atomic<int> steps = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto taken = migrate(*connect(), migrations(), "x");
      ASSERT_TRUE(taken.ok()) << taken.error().message << " / " << taken.error().detail;
      steps += *taken;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(steps, static_cast<int>(migrations().size()));
}

TEST_F(PostgresTest, AProgramOneStepBehindGoesOnWhereTheStepSaysSo) {
  const auto connection = connect();
  const sql::Migration gentle[] = {
      {1, "0001_a", "CREATE TABLE a (x integer);"},
      {2, "0002_b",
       "-- Oldest program that can work on this schema: 1.\nALTER TABLE a ADD COLUMN y integer;"},
      {3, "0003_c", "ALTER TABLE a DROP COLUMN x;"}};
  const std::span<const sql::Migration> all(gentle);
  ASSERT_TRUE(migrate(*connection, all.first(2), "x").ok());
  EXPECT_EQ(*migrate(*connection, all.first(1), "x"), 0);
  ASSERT_TRUE(migrate(*connection, all, "x").ok());
  const auto refused = migrate(*connection, all.first(2), "here");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message,
              testing::AllOf(testing::HasSubstr("here"), testing::HasSubstr("newer program")));
}

TEST(PostgresMigrations, NumbersRunFromOneWithoutAGap) {
  int expected = 0;
  for (const sql::Migration& step : migrations()) EXPECT_EQ(step.number, ++expected) << step.name;
}

TEST(PostgresError, SaysWhatTheCallerCanDo) {
  EXPECT_EQ(database_error("53100", "x").code, ErrorCode::no_space);
  EXPECT_EQ(database_error("57P01", "x").code, ErrorCode::unavailable);
  EXPECT_EQ(database_error("", "x").code, ErrorCode::unavailable);
  EXPECT_EQ(database_error("40P01", "x").code, ErrorCode::unavailable);
  EXPECT_EQ(database_error("25006", "x").code, ErrorCode::unavailable);
  EXPECT_EQ(database_error("42501", "x").code, ErrorCode::permission_denied);
  EXPECT_EQ(database_error("XX001", "x").code, ErrorCode::corrupt);
  EXPECT_EQ(database_error("22001", "secret value").code, ErrorCode::internal);
  EXPECT_EQ(database_error("22001", "secret value").message.find("secret"), std::string::npos);
}

TEST(PostgresAddress, IsShownWithoutUserAndPassword) {
  EXPECT_EQ(describe("postgres://me:secret@db.example.com:6432/waybill"), "db.example.com:6432/waybill");
  EXPECT_EQ(describe("host=/run/pg user=me password=secret dbname=w"), "/run/pg/w");
  EXPECT_EQ(describe("postgres://[").find('['), std::string::npos);
}

}  // namespace
}  // namespace waybill::storage::postgres
