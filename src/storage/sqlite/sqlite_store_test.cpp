#include "storage/sqlite/sqlite_store.h"

#include <gmock/gmock.h>

#include <fstream>

#include "storage/sqlite/database.h"
#include "storage/sqlite/migrate.h"
#include "storage/sqlite/search_query.h"
#include "storage/testing/store_fixture.h"

namespace waybill::storage::sqlite {
namespace {

using knowledge::Article;
using knowledge::Folder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OpenTest : public StoreFixture {
 protected:
  void SetUp() override { use(DatabaseKind::sqlite); }
  std::filesystem::path folder() const { return database_->folder(); }
  Result<std::unique_ptr<ServerStore>> open() {
    store_.reset();
    return database_->open(clock_);
  }
  void change_database(const char* sql) {
    store_.reset();
    auto connection = Connection::open(folder() / "waybill.db", {});
    ASSERT_TRUE((*connection)->run_script(sql).ok());
  }
};

TEST_F(OpenTest, MakesItsFilesUnreadableToOthers) {
  for (const char* file : {"waybill.db", "search.db", "master.key"}) {
    EXPECT_EQ(std::filesystem::status(folder() / file).permissions() & std::filesystem::perms::others_all,
              std::filesystem::perms::none)
        << file;
  }
}

TEST_F(OpenTest, RefusesASchemaOfANewerProgram) {
  change_database("PRAGMA user_version = 4711");
  const auto opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::conflict);
  EXPECT_THAT(opened.error().message,
              AllOf(HasSubstr("waybill.db"), HasSubstr("4711"), HasSubstr("newer program")));
}

TEST_F(OpenTest, DamagedFileIsNamed) {
  store_.reset();
  for (const char* suffix : {"-wal", "-shm"})
    std::filesystem::remove(folder() / ("waybill.db" + std::string(suffix)));
  std::ofstream(folder() / "waybill.db", std::ios::trunc) << std::string(20'000, 'x');
  const auto opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_THAT(opened.error().message, AllOf(HasSubstr("waybill.db"), HasSubstr("damaged")));
}

TEST_F(OpenTest, RefusesAnotherMasterKeyAndOneThatIsGone) {
  store_.reset();
  const auto key = folder() / "master.key";
  std::filesystem::rename(key, folder() / "elsewhere");
  auto opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::not_found);
  EXPECT_THAT(opened.error().message, HasSubstr("master.key"));
  EXPECT_FALSE(std::filesystem::exists(key)) << "a new key would hide that the old one is lost";
  ASSERT_TRUE(write_file_atomically(key, std::string(32, 'x')).ok());
  opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  std::filesystem::rename(folder() / "elsewhere", key);
  EXPECT_TRUE(open().ok());
}

TEST_F(OpenTest, FolderThatCannotBeMadeIsAnError) {
  ASSERT_TRUE(write_file_atomically(folder() / "file", "x").ok());
  EXPECT_FALSE(open_sqlite(folder() / "file" / "data", std::make_unique<NoBlobs>(), clock_).ok());
}

TEST(Migrate, BringsAnOlderSchemaUpAndKeepsItsRows) {
  const TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.db", {});
  ASSERT_TRUE(connection.ok());
  const sql::Migration steps[] = {
      {1, "0001_a", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);"},
      {2, "0002_b", "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 5;"}};
  ASSERT_TRUE(migrate(**connection, std::span(steps, 1), "x.db").ok());
  EXPECT_EQ(*(*connection)->read_integer("PRAGMA user_version"), 1);
  ASSERT_TRUE(migrate(**connection, steps, "x.db").ok());
  ASSERT_TRUE(migrate(**connection, steps, "x.db").ok());
  EXPECT_EQ(*(*connection)->read_integer("PRAGMA user_version"), 2);
  EXPECT_EQ(*(*connection)->read_integer("SELECT x + y FROM a"), 12);
}

TEST(Migrate, StepThatFailsChangesNothing) {
  const TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.db", {});
  const sql::Migration steps[] = {{1, "0001_a", "CREATE TABLE a (x); CREATE TABLE a (x);"}};
  const auto migrated = migrate(**connection, steps, "x.db");
  ASSERT_FALSE(migrated.ok());
  EXPECT_THAT(migrated.error().message, AllOf(HasSubstr("x.db"), HasSubstr("0001_a")));
  EXPECT_EQ(*(*connection)->read_integer("PRAGMA user_version"), 0);
  EXPECT_EQ(*(*connection)->read_integer("SELECT count(*) FROM sqlite_schema"), 0);
}

TEST(Migrate, NumbersRunFromOneWithoutAGap) {
  int expected = 0;
  for (const sql::Migration& step : migrations()) EXPECT_EQ(step.number, ++expected) << step.name;
}

class SearchIndexTest : public OpenTest {
 protected:
  std::vector<std::string> names(std::string_view query) {
    const auto hits = store_->knowledge().search(kSales, query, 50, 0);
    EXPECT_TRUE(hits.ok()) << hits.error().message << " / " << hits.error().detail;
    std::vector<std::string> found;
    if (hits) {
      for (const auto& hit : *hits) found.push_back(hit.name);
    }
    return found;
  }
  void fill(Article one) {
    import_items(kSales, {Folder{"F", ""}, std::move(one)});
    index_all();
  }
};

TEST_F(SearchIndexTest, LostOrDamagedIndexIsBuiltAnew) {
  fill(article("F", "1", "words"));
  const auto file = folder() / "search.db";
  store_.reset();
  ASSERT_TRUE(std::filesystem::remove(file));
  reopen();
  EXPECT_EQ(*store_->index_backlog(), 1);
  index_all();
  EXPECT_THAT(names("words"), ElementsAre("1"));

  store_.reset();
  std::ofstream(file, std::ios::trunc) << std::string(20'000, 'x');
  reopen();
  index_all();
  EXPECT_THAT(names("words"), ElementsAre("1"));
}

TEST_F(SearchIndexTest, IndexOfAnotherSchemaOrAheadOfTheDatabaseIsBuiltAnew) {
  fill(article("F", "1", "words"));
  for (const char* change :
       {"PRAGMA user_version = 99", "UPDATE mark SET change = 1000", "DROP TABLE mark"}) {
    store_.reset();
    {
      auto connection = Connection::open(folder() / "search.db", {});
      ASSERT_TRUE((*connection)->run_script(change).ok()) << change;
    }
    reopen();
    EXPECT_EQ(*store_->index_backlog(), 1) << change;
    index_all();
    EXPECT_THAT(names("words"), ElementsAre("1")) << change;
  }
}

TEST_F(SearchIndexTest, IndexOfAnotherDatabaseIsNotUsed) {
  fill(article("F", "1", "words"));
  const auto kept = folder() / "kept.db";
  store_.reset();
  std::filesystem::rename(folder() / "search.db", kept);
  for (const char* file : {"waybill.db", "master.key"}) std::filesystem::remove(folder() / file);
  reopen();
  store_.reset();
  std::filesystem::rename(kept, folder() / "search.db");
  reopen();
  EXPECT_THAT(names("words"), IsEmpty());
}

TEST(MatchExpression, MakesAPhraseOfEveryWord) {
  EXPECT_EQ(match_expression("std::vector"), "\"std::vector\"*");
  EXPECT_EQ(match_expression("  two\twords "), "\"two\" \"words\"*");
  EXPECT_EQ(match_expression("\"kept together\" x"), "\"kept together\" \"x\"*");
  EXPECT_EQ(match_expression("\"kept together\""), "\"kept together\"");
  EXPECT_EQ(match_expression("open \"end"), "\"open\" \"end\"");
  EXPECT_EQ(match_expression("a\"b\"c"), "\"a\" \"b\" \"c\"*");
  EXPECT_EQ(match_expression("std::"), "\"std::\"");
  EXPECT_EQ(match_expression(std::string_view("a\0b", 3)), "\"a\" \"b\"*");
  EXPECT_EQ(match_expression(""), "");
  EXPECT_EQ(match_expression(" \"\" \" \n"), "\" \n\"");
}

}  // namespace
}  // namespace waybill::storage::sqlite
