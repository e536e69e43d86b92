#include <gmock/gmock.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/text.h"
#include "storage/sqlite/migrate.h"
#include "storage/sqlite/store_fixture.h"

namespace waybill::storage::sqlite {
namespace {

using knowledge::Folder;
using knowledge::Portal;
using knowledge::Topic;
using testing::AllOf;
using testing::HasSubstr;

/// Every row of a table as text, blobs in hex, but for the job that wrote it.
void dump_table(sqlite3* handle, const std::string& table, std::string& text) {
  sqlite3_stmt* rows = nullptr;
  const std::string sql = "SELECT * FROM " + table;
  ASSERT_EQ(sqlite3_prepare_v2(handle, sql.c_str(), -1, &rows, nullptr), SQLITE_OK) << sql;
  while (sqlite3_step(rows) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(rows); ++i) {
      if (std::string_view(sqlite3_column_name(rows, i)) == "job") continue;
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(rows, i));
      const std::string value(bytes == nullptr ? "" : bytes,
                              static_cast<std::size_t>(sqlite3_column_bytes(rows, i)));
      text += (sqlite3_column_type(rows, i) == SQLITE_BLOB ? hex_encode(value) : value) + "|";
    }
    text += "\n";
  }
  sqlite3_finalize(rows);
}

/// The whole knowledge base.
std::string dump(const std::filesystem::path& file) {
  std::string text;
  sqlite3* handle = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  for (const char* table : {"folders", "articles", "article_revisions", "topics", "portals", "sequences",
                            "replaced_items", "article_types"}) {
    dump_table(handle, table, text);
  }
  sqlite3_close(handle);
  return text;
}

std::vector<knowledge::Item> sample_items() {
  std::vector<knowledge::Item> items{Folder{"A", ""}, Folder{"A/B", ""}};
  for (int i = 0; i < 40; ++i) {
    auto one = article(i % 2 == 0 ? "A" : "A/B", "n" + std::to_string(i));
    one.type_name = "type " + std::to_string(i % 3);
    items.emplace_back(std::move(one));
  }
  items.emplace_back(Topic{"T", "", {"A/n0"}, {"A/B"}});
  items.emplace_back(Portal{"P", "", {"T"}, {}});
  return items;
}

class BatchTest : public StoreTest {};

TEST_F(BatchTest, CommitsItemsEntriesCountersAndPositionTogether) {
  const jobs::Job job = running_job();
  Batch batch = batch_of(job, {change(Folder{"A", ""})});
  batch.entries = {report::make_entry(clock_.now(), report::Level::info, "hello")};
  batch.phase = jobs::Phase::processing;
  batch.total = 4;
  batch.counts = {1, 2, 0};
  batch.position = 3;
  batch.source_version = "etag-1";
  batch.log_location = "file:///logs/l.txt";
  ASSERT_TRUE(store_->commit(batch).ok());
  batch.changes.clear();
  batch.entries.clear();
  batch.log_location.clear();
  batch.position = 4;
  ASSERT_TRUE(store_->commit(batch).ok());
  reopen();
  const auto read = store_->jobs().get(job.id);
  EXPECT_EQ(read->phase, jobs::Phase::processing);
  EXPECT_EQ(read->total, 4);
  EXPECT_EQ(read->counts, (jobs::Counts{1, 2, 0}));
  EXPECT_EQ(read->position, 4);
  EXPECT_EQ(read->source_version, "etag-1");
  EXPECT_EQ(read->log_location, "file:///logs/l.txt") << "empty leaves it";
  EXPECT_EQ(store_->reports().entries(job.id, 0, 9)->size(), 1U);
  EXPECT_TRUE(store_->knowledge().find_folder(kSales, "A")->has_value());
}

TEST_F(BatchTest, FormerOwnerWritesNothing) {
  const jobs::Job job = running_job();
  clock_.advance(Milliseconds(10'000));
  ASSERT_TRUE(claim("worker-2").has_value());
  const std::string before = dump(folder_.path() / "waybill.db");
  const auto row_before = store_->jobs().get(job.id);
  Batch late = batch_of(job, {change(Folder{"A", ""})});
  late.entries = {report::make_entry(clock_.now(), report::Level::info, "late")};
  late.position = 99;
  EXPECT_EQ(store_->commit(late).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(dump(folder_.path() / "waybill.db"), before);
  EXPECT_TRUE(store_->reports().entries(job.id, 0, 9)->empty());
  EXPECT_EQ(store_->jobs().get(job.id)->position, 0);
  EXPECT_EQ(store_->jobs().get(job.id)->version, row_before->version);
}

TEST_F(BatchTest, EndedAndUnknownJobsTakeNoBatch) {
  const jobs::Job job = running_job();
  ASSERT_TRUE(store_->jobs().end(job.id, job.epoch, {jobs::Event::finish, clock_.now(), "", false, ""}).ok());
  EXPECT_EQ(store_->commit(batch_of(job)).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(store_->commit(batch_of(new_job())).error().code, ErrorCode::lease_lost);
}

TEST_F(BatchTest, FailureInTheMiddleLeavesNothingOfTheBatch) {
  const jobs::Job job = running_job();
  const std::string before = dump(folder_.path() / "waybill.db");
  const Batch batch = batch_of(job, {change(Folder{"A", ""}), change(article("no such folder", "a"))});
  EXPECT_EQ(store_->commit(batch).error().code, ErrorCode::internal);
  EXPECT_EQ(dump(folder_.path() / "waybill.db"), before);
  ASSERT_TRUE(store_->commit(batch_of(job, {change(Folder{"B", ""})})).ok());
  EXPECT_EQ((*store_->knowledge().find_folder(kSales, "B"))->id, KnowledgeId(1'000'001))
      << "no gap in the ids";
}

TEST_F(BatchTest, RowsDoNotDependOnHowItemsAreCutIntoBatches) {
  import_items(kSales, sample_items(), 500);
  const std::string at_once = dump(folder_.path() / "waybill.db");
  store_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    std::filesystem::remove(entry.path());
  reopen();
  import_items(kSales, sample_items(), 1);
  EXPECT_EQ(dump(folder_.path() / "waybill.db"), at_once);
  EXPECT_EQ(std::count(at_once.begin(), at_once.end(), '\n'), 2 + 40 + 40 + 1 + 1 + 2 + 3);
}

TEST_F(BatchTest, BatchThatIsCommittedTwiceChangesNothingTheSecondTime) {
  const jobs::Job job = running_job();
  std::vector<knowledge::Change> changes;
  for (knowledge::Item& item : sample_items()) changes.push_back(change(std::move(item)));
  ASSERT_TRUE(store_->commit(batch_of(job, changes)).ok());
  const std::string once = dump(folder_.path() / "waybill.db");
  clock_.advance(Milliseconds(5));
  ASSERT_TRUE(store_->commit(batch_of(job, changes)).ok());
  EXPECT_EQ(dump(folder_.path() / "waybill.db"), once);
}

TEST_F(BatchTest, ReadsAndWritesFromManyThreads) {
  const jobs::Job job = running_job();
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        if (t == 0) {
          EXPECT_TRUE(store_->commit(batch_of(job, {change(Folder{"f" + std::to_string(i), ""})})).ok());
        } else if (t == 1) {
          EXPECT_TRUE(store_->index_some(10).ok());
        } else {
          EXPECT_TRUE(store_->jobs().get(job.id).ok());
          EXPECT_TRUE(store_->knowledge().search(kSales, "x", 5, 0).ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->jobs().get(job.id)->version, job.version + 20);
}

class OpenTest : public StoreTest {
 protected:
  Result<std::unique_ptr<SqliteStore>> open() {
    store_.reset();
    return open_sqlite(folder_.path(), std::make_unique<NoBlobs>(), clock_);
  }
  void change_database(const char* sql) {
    store_.reset();
    auto connection = Connection::open(folder_.path() / "waybill.db", {});
    ASSERT_TRUE((*connection)->run_script(sql).ok());
  }
};

TEST_F(OpenTest, AnswersAPing) {
  EXPECT_TRUE(store_->ping().ok());
}

TEST_F(OpenTest, MakesItsFilesUnreadableToOthers) {
  for (const char* file : {"waybill.db", "search.db", "master.key"}) {
    EXPECT_EQ(
        std::filesystem::status(folder_.path() / file).permissions() & std::filesystem::perms::others_all,
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
    std::filesystem::remove(folder_.path() / ("waybill.db" + std::string(suffix)));
  std::ofstream(folder_.path() / "waybill.db", std::ios::trunc) << std::string(20'000, 'x');
  const auto opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_THAT(opened.error().message, AllOf(HasSubstr("waybill.db"), HasSubstr("damaged")));
}

TEST_F(OpenTest, RefusesAnotherMasterKeyAndOneThatIsGone) {
  store_.reset();
  const auto key = folder_.path() / "master.key";
  std::filesystem::rename(key, folder_.path() / "elsewhere");
  auto opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::not_found);
  EXPECT_THAT(opened.error().message, HasSubstr("master.key"));
  EXPECT_FALSE(std::filesystem::exists(key)) << "a new key would hide that the old one is lost";
  ASSERT_TRUE(write_file_atomically(key, std::string(32, 'x')).ok());
  opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  std::filesystem::rename(folder_.path() / "elsewhere", key);
  EXPECT_TRUE(open().ok());
}

TEST_F(OpenTest, FolderThatCannotBeMadeIsAnError) {
  ASSERT_TRUE(write_file_atomically(folder_.path() / "file", "x").ok());
  EXPECT_FALSE(open_sqlite(folder_.path() / "file" / "data", std::make_unique<NoBlobs>(), clock_).ok());
}

TEST(Migrate, BringsAnOlderSchemaUpAndKeepsItsRows) {
  const TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.db", {});
  ASSERT_TRUE(connection.ok());
  const Migration steps[] = {{1, "0001_a", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);"},
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
  const Migration steps[] = {{1, "0001_a", "CREATE TABLE a (x); CREATE TABLE a (x);"}};
  const auto migrated = migrate(**connection, steps, "x.db");
  ASSERT_FALSE(migrated.ok());
  EXPECT_THAT(migrated.error().message, AllOf(HasSubstr("x.db"), HasSubstr("0001_a")));
  EXPECT_EQ(*(*connection)->read_integer("PRAGMA user_version"), 0);
  EXPECT_EQ(*(*connection)->read_integer("SELECT count(*) FROM sqlite_schema"), 0);
}

TEST(Migrate, NumbersRunFromOneWithoutAGap) {
  int expected = 0;
  for (const Migration& step : migrations()) EXPECT_EQ(step.number, ++expected) << step.name;
}

}  // namespace
}  // namespace waybill::storage::sqlite
