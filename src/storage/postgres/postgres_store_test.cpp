#include "storage/postgres/postgres_store.h"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "storage/testing/postgres_server.h"
#include "storage/testing/store_fixture.h"

namespace waybill::storage {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What only several processes on one database can show.
class PostgresStoreTest : public StoreFixture {
 protected:
  void SetUp() override { use(DatabaseKind::postgres); }
  std::unique_ptr<ServerStore> another() {
    auto opened = database_->open(clock_);
    EXPECT_TRUE(opened.ok()) << opened.error().message << " / " << opened.error().detail;
    return *std::move(opened);
  }
  static Error refusal(const std::string& url, const std::filesystem::path& folder) {
    PostgresOptions options;
    options.url = url;
    options.key_file = folder / "another.key";
    const auto opened = open_postgres(options, std::make_unique<NoBlobs>(), system_clock());
    EXPECT_FALSE(opened.ok());
    return opened.ok() ? Error{} : opened.error();
  }
};

TEST_F(PostgresStoreTest, SaysWhatToDoWhereItCannotBeOpened) {
  const auto& server = *PostgresServer::shared();
  PostgresServer::run(server.url("postgres"), "CREATE ROLE guarded LOGIN PASSWORD 'right'");
  Error error = refusal(server.url("postgres", "guarded") + "&password=wrong", database_->folder());
  EXPECT_EQ(error.code, ErrorCode::permission_denied);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("password"), HasSubstr("storage.database"), Not(HasSubstr("wrong"))));
  PostgresServer::run(server.url("postgres"), "DROP ROLE guarded");

  error = refusal(server.url("nothing_here"), database_->folder());
  EXPECT_EQ(error.code, ErrorCode::not_found);
  EXPECT_THAT(error.message, HasSubstr("createdb"));

  error = refusal("postgres:///x?host=/nowhere", database_->folder());
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("/nowhere"), HasSubstr("storage.database")));

  error = refusal("postgres://[", database_->folder());
  EXPECT_EQ(error.code, ErrorCode::invalid_argument);
}

TEST_F(PostgresStoreTest, RefusesADatabaseThatIsNotUtf8) {
  const auto& server = *PostgresServer::shared();
  PostgresServer::run(server.url("postgres"),
                      "CREATE DATABASE latin ENCODING latin1 LOCALE 'C' TEMPLATE template0");
  EXPECT_THAT(refusal(server.url("latin"), database_->folder()).message, HasSubstr("UTF8"));
  PostgresServer::run(server.url("postgres"), "DROP DATABASE latin");
}

TEST_F(PostgresStoreTest, EveryNodeNeedsTheMasterKeyThatTheDatabaseWasMadeWith) {
  const auto key = database_->folder() / "master.key";
  store_.reset();
  std::filesystem::rename(key, database_->folder() / "elsewhere");
  auto opened = database_->open(clock_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::not_found);
  EXPECT_THAT(opened.error().message, AllOf(HasSubstr("master.key"), HasSubstr("another node")));
  EXPECT_FALSE(std::filesystem::exists(key)) << "a new key would hide that it is another";
  ASSERT_TRUE(write_file_atomically(key, std::string(32, 'x')).ok());
  opened = database_->open(clock_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  std::filesystem::rename(database_->folder() / "elsewhere", key);
  EXPECT_TRUE(database_->open(clock_).ok());
}

TEST_F(PostgresStoreTest, NodesThatStartAtOnceOnANewDatabaseAllStart) {
  store_.reset();
  database_->clear();
  std::filesystem::remove(database_->folder() / "master.key");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([this] { another(); });
  for (std::thread& thread : threads) thread.join();
}

TEST_F(PostgresStoreTest, NodesThatClaimAtOnceTakeEachJobOnceAndOneImportADepartment) {
  constexpr int kDepartments = 6, kNodes = 4;
  for (int i = 0; i < kDepartments * 3; ++i) {
    const Department department("d" + std::to_string(i % kDepartments));
    add_job(new_job(department));
    add_job(new_job(department, jobs::JobType::validation));
  }
  std::mutex mutex;
  std::set<JobId> taken;
  std::multiset<std::string> importing;
  std::vector<std::thread> threads;
  for (int node = 0; node < kNodes; ++node) {
    threads.emplace_back([&, node] {
      const auto store = another();
      const jobs::ClaimLimits limits{.running_jobs = 1000};
      for (;;) {
        const auto job = store->jobs().claim(clock_.now(), "node-" + std::to_string(node), limits);
        ASSERT_TRUE(job.ok()) << job.error().message << " / " << job.error().detail;
        if (!*job) return;
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(taken.insert((*job)->id).second) << "taken twice";
        EXPECT_EQ((*job)->epoch, Epoch(1));
        if ((*job)->writes()) importing.insert((*job)->department.value());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(kDepartments * 3 + kDepartments));
  for (const std::string& department : importing) EXPECT_EQ(importing.count(department), 1U) << department;
}

TEST_F(PostgresStoreTest, NodesThatWriteAtOnceGiveEveryItemANumberOfItsOwn) {
  constexpr int kNodes = 4, kBatches = 10;
  std::vector<std::thread> threads;
  for (int node = 0; node < kNodes; ++node) {
    const Department department("d" + std::to_string(node));
    const jobs::Job job = running_job(department);
    threads.emplace_back([this, job] {
      const auto store = another();
      ASSERT_TRUE(store->commit(batch_of(job, {change(knowledge::Folder{"F", ""})})).ok());
      for (int i = 0; i < kBatches; ++i) {
        const auto done = store->commit(batch_of(job, {change(article("F", std::to_string(i)))}));
        ASSERT_TRUE(done.ok()) << done.error().message << " / " << done.error().detail;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(database_->read_integer("SELECT count(DISTINCT change) FROM article_revisions"),
            kNodes * kBatches);
  EXPECT_EQ(database_->read_integer("SELECT max(id) FROM articles"), 1'000'000 + kNodes * (kBatches + 1));
  EXPECT_EQ(database_->read_integer("SELECT count(*) FROM articles"), kNodes * kBatches);
}

TEST_F(PostgresStoreTest, SameKeyAtTheSameTimeMakesOneJob) {
  const std::string hash(as_bytes(sha256("body")));
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<JobId> made;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const auto created = store_->jobs().create(new_job(), jobs::IdempotencyKey{"key-1", hash});
      ASSERT_TRUE(created.ok()) << created.error().message << " / " << created.error().detail;
      const std::lock_guard lock(mutex);
      made.insert(created->id);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made.size(), 1U);
  EXPECT_EQ(store_->jobs().list({})->size(), 1U);
}

TEST_F(PostgresStoreTest, NodesThatIndexAtOnceFindEverythingAtTheEnd) {
  std::vector<knowledge::Item> items{knowledge::Folder{"F", ""}};
  for (int i = 0; i < 300; ++i) items.emplace_back(article("F", "n" + std::to_string(i), "same words"));
  import_items(kSales, std::move(items));
  std::vector<std::thread> threads;
  for (int node = 0; node < 3; ++node) {
    threads.emplace_back([this] {
      const auto store = another();
      for (;;) {
        const auto caught_up = store->index_some(20);
        ASSERT_TRUE(caught_up.ok()) << caught_up.error().message << " / " << caught_up.error().detail;
        if (!*caught_up) continue;
        EXPECT_EQ(*store->index_backlog(), 0) << "caught up means caught up, whoever does it";
        return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->knowledge().search(kSales, "words", 1000, 0)->size(), 300U);
}

TEST_F(PostgresStoreTest, FindsWordsInTheFormsOfTheArticlesLanguage) {
  auto german = article("F", "Bericht", "Die Verträge wurden gekündigt");
  german.language = "de-DE";
  auto japanese = article("F", "J", "日本語 text");
  japanese.language = "ja-JP";
  import_items(kSales, {knowledge::Folder{"F", ""}, german, japanese,
                        article("F", "Contracts", "The contracts were cancelled and the words of it")});
  index_all();
  const auto found = [&](std::string_view query) {
    std::vector<std::string> names;
    const auto hits = store_->knowledge().search(kSales, query, 10, 0);
    EXPECT_TRUE(hits.ok());
    for (const auto& hit : *hits) names.push_back(hit.name);
    return names;
  };
  using testing::ElementsAre;
  EXPECT_THAT(found("vertrag "), ElementsAre("Bericht"));
  EXPECT_THAT(found("contract cancel"), ElementsAre("Contracts"));
  EXPECT_THAT(found("cancelli"), ElementsAre()) << "not the beginning of a word that is there";
  EXPECT_THAT(found("cancelle"), ElementsAre("Contracts")) << "the beginning of one";
  EXPECT_THAT(found("日本語"), ElementsAre("J"));
  EXPECT_THAT(found("the words of it"), ElementsAre("Contracts")) << "small words are words";
}

TEST_F(PostgresStoreTest, KeepsAWordAndItsFormAtTheSamePlaceByWeight) {
  auto one = article("F", "Running vectors", "The vectors ran: caf\u00E9s, x86 vectors.");
  one.keywords = "\u00DCberweisung";
  import_items(kSales, {knowledge::Folder{"F", ""}, one});
  index_all();
  EXPECT_EQ(database_->read_integer(
                "SELECT (words = $$'cafe':9 'cafes':9 'ran':8 'run':1A 'running':1A 'the':6 "
                "'uberweisung':4B 'vector':2A,7,11 'vectors':2A,7,11 'x86':10$$::tsvector)::int "
                "FROM search_documents"),
            1)
      << "fields stand a place apart, so that no phrase goes on from one to the next";
}

TEST_F(PostgresStoreTest, WordsThatATsvectorCannotHoldAreNoError) {
  std::string text = std::string(3000, 'x') + " here";
  for (int i = 0; i < 20'000; ++i) text += " again";  // more places than it has, and than a word may have
  import_items(kSales, {knowledge::Folder{"F", ""}, article("F", "1", text + " end")});
  index_all();
  const auto found = [&](std::string_view query) {
    return store_->knowledge().search(kSales, query, 10, 0)->size();
  };
  EXPECT_EQ(found("here"), 1U);
  EXPECT_EQ(found("end"), 1U);
  EXPECT_EQ(found("\"again again\""), 1U);
  EXPECT_EQ(found("nowhere"), 0U);
}

TEST_F(PostgresStoreTest, AnArticleTooLargeForTheIndexIsFoundByItsBeginning) {
  std::string text = "needle";
  for (int i = 0; i < 200'000; ++i) text += " wörd" + std::to_string(i);
  import_items(kSales,
               {knowledge::Folder{"F", ""}, article("F", "large", text), article("F", "small", "pin")});
  index_all();
  EXPECT_EQ(store_->knowledge().search(kSales, "needle", 10, 0)->size(), 1U);
  EXPECT_EQ(store_->knowledge().search(kSales, "pin", 10, 0)->size(), 1U);
}

TEST_F(PostgresStoreTest, HearsWhatOtherNodesAnnounce) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<Notice::Kind, JobId>> heard;
  const auto other = another();
  other->listen([&](const Notice& notice) {
    const std::lock_guard lock(mutex);
    heard.emplace_back(notice.kind, notice.job);
    changed.notify_all();
  });
  const auto wait_for = [&](Notice::Kind kind, const JobId& id) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(60), [&] {
      return std::find(heard.begin(), heard.end(), std::pair(kind, id)) != heard.end();
    });
  };
  // It may not be listening yet; whoever missed a word looks for himself.
  std::optional<jobs::Job> job;
  for (bool listening = false; !listening;) {
    job = add_job(new_job());
    std::unique_lock lock(mutex);
    listening = changed.wait_for(lock, std::chrono::milliseconds(50), [&] { return !heard.empty(); });
  }
  const auto claimed = claim();
  ASSERT_TRUE(claimed.has_value());
  ASSERT_TRUE(store_->jobs().request_cancel(claimed->id, ClientId("c"), clock_.now()).ok());
  EXPECT_TRUE(wait_for(Notice::Kind::cancel, claimed->id));
  ASSERT_TRUE(store_->jobs()
                  .end(claimed->id, claimed->epoch, {jobs::Event::cancel, clock_.now(), "", false, ""})
                  .ok());
  EXPECT_TRUE(wait_for(Notice::Kind::ended, claimed->id));
  other->stop_listening();
}

TEST_F(PostgresStoreTest, NodesWhoseClocksDifferAgreeOnTheTime) {
  PostgresOptions options;
  options.url = PostgresServer::shared()->url("postgres");
  PostgresServer::run(options.url, "CREATE DATABASE clocks");
  options.url = PostgresServer::shared()->url("clocks");
  options.key_file = database_->folder() / "clocks.key";
  FakeClock slow(system_clock().now() - std::chrono::hours(3));
  {
    const auto store = open_postgres(options, std::make_unique<NoBlobs>(), slow);
    ASSERT_TRUE(store.ok());
    const auto difference = (*store)->clock().now() - system_clock().now();
    EXPECT_LT(std::abs(difference.count()), std::chrono::milliseconds(std::chrono::hours(1)).count());
    EXPECT_EQ((*store)->clock().steady(), slow.steady());
  }
  PostgresServer::run(PostgresServer::shared()->url("postgres"), "DROP DATABASE clocks");
}

}  // namespace
}  // namespace waybill::storage
