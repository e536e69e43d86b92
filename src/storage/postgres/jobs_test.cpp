#include "storage/postgres/jobs.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "storage/postgres/copy_rows.h"
#include "storage/postgres/database.h"
#include "storage/postgres/embedded_sql.h"
#include "storage/postgres/migrate.h"
#include "storage/testing/postgres_server.h"

namespace waybill::storage::postgres {
namespace {

using std::chrono::hours;

/// Claims that follow each other closely, however long they take.
class ClaimsInARowTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = PostgresServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << "PostgreSQL is not installed";
    url_ = server_->make_database();
    const auto connection = Connection::open(url_);
    ASSERT_TRUE(connection.ok() && migrate(**connection, migrations(), "x").ok());
    database_ = std::make_unique<Database>(url_, 4);
    jobs_ = std::make_unique<Jobs>(*database_, sealer_, clock_);
    jobs_->set_close(hours(1));
  }
  void TearDown() override {
    database_.reset();
    if (server_ != nullptr) server_->give_back(url_);
  }
  /// A validation, due so many hours after the first.
  JobId add(int due) {
    jobs::Job job;
    job.id = JobId(Uuid::random());
    job.department = Department("sales");
    job.client = ClientId("client-1");
    job.type = jobs::JobType::validation;
    job.source.path = "file:///srv/package.zip";
    job.created = clock_.now();
    job.due = clock_.now() - hours(100 - due);
    EXPECT_TRUE(jobs_->create(job, std::nullopt).ok());
    return job.id;
  }
  std::optional<JobId> claim(int most = 100) {
    const auto job = jobs_->claim(clock_.now(), "worker-1", {.running_jobs = most});
    EXPECT_TRUE(job.ok()) << job.error().message << " / " << job.error().detail;
    return job && *job ? std::optional((*job)->id) : std::nullopt;
  }

  FakeClock clock_{*parse_time("2024-03-01T10:00:00Z")};
  const Sealer sealer_{Secret(std::string(Sealer::kKeyBytes, 'k'))};
  PostgresServer* server_ = nullptr;
  std::string url_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Jobs> jobs_;
};

TEST_F(ClaimsInARowTest, BeginWhereTheLastFoundItsJobAndTakeEveryJobInTheEnd) {
  const JobId first = add(1), second = add(2), third = add(3);
  EXPECT_EQ(claim(), first);
  EXPECT_EQ(claim(), second);
  const JobId older = add(0);
  EXPECT_EQ(claim(), third) << "the look was a whole one";
  EXPECT_EQ(claim(), older) << "where a short look finds none, a whole one follows at once";
  EXPECT_FALSE(claim());
}

TEST_F(ClaimsInARowTest, GoOnAfterAStepOfTheSchemaHasGivenAJobAnotherForm) {
  const JobId first = add(1), second = add(2);
  EXPECT_EQ(claim(), first);
  PostgresServer::run(url_, "ALTER TABLE jobs ADD COLUMN one_more bigint");
  EXPECT_EQ(claim(), second);
}

TEST_F(ClaimsInARowTest, CountTheWorkersJobsAllTheSame) {
  for (int i = 0; i < 5; ++i) add(i);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(claim(3));
  EXPECT_FALSE(claim(3)) << "it runs as many as it may";
  EXPECT_TRUE(claim(4));
}

/// A session that has locked the row of a job, as a batch does first.
class HeldJobTest : public ClaimsInARowTest {
 protected:
  void SetUp() override {
    ClaimsInARowTest::SetUp();
    if (IsSkipped()) return;
    add(1);
    ASSERT_TRUE(claim());
    auto opened = Connection::open(url_, hours(1));
    ASSERT_TRUE(opened.ok());
    holder_ = *std::move(opened);
    pid_ = *holder_->read_integer("SELECT pg_backend_pid()::bigint");
    ASSERT_TRUE(holder_->begin().ok());
    ASSERT_TRUE(holder_->run_script("SELECT number FROM jobs FOR NO KEY UPDATE").ok());
  }
  void TearDown() override {
    holder_.reset();
    ClaimsInARowTest::TearDown();
  }
  /// Returns once its session does, as the server tells another one.
  void wait_until_it_waits_for(const std::string& event) {
    const auto watcher = Connection::open(url_);
    ASSERT_TRUE(watcher.ok());
    const std::string asked = "SELECT count(*) FROM pg_stat_activity WHERE pid = " + std::to_string(pid_) +
                              " AND wait_event = '" + event + "'";
    while (*(*watcher)->read_integer(asked.c_str()) == 0) std::this_thread::yield();
  }
  bool holds() const { return !holder_->hung_up() && holder_->run_script("SELECT 1").ok(); }

  const Milliseconds lease_ = jobs::ClaimLimits{}.lease;
  std::unique_ptr<Connection> holder_;
  std::int64_t pid_ = 0;
};

TEST_F(HeldJobTest, IsFreedASecondAfterItsLeaseWhereItsHolderIsSilent) {
  clock_.advance(lease_ + Milliseconds(999));
  EXPECT_EQ(*jobs_->next_due(clock_.now()), clock_.now() + Milliseconds(250)) << "to look again";
  EXPECT_TRUE(holds());
  EXPECT_FALSE(claim());
  clock_.advance(Milliseconds(1));
  EXPECT_TRUE(jobs_->next_due(clock_.now()).ok());
  EXPECT_FALSE(holds());
  EXPECT_TRUE(claim());
}

TEST_F(HeldJobTest, IsFreedWhereItsHolderIsSilentInTheMidstOfACopy) {
  ASSERT_TRUE(holder_->run_script("CREATE TABLE one (number bigint)").ok());
  clock_.advance(lease_ + Milliseconds(1'000));
  const auto copied = holder_->copy_in("COPY one FROM STDIN (FORMAT binary)", 1, [&](CopyRows& rows) {
    rows.begin_row();
    rows.add_bigint(1);
    wait_until_it_waits_for("ClientRead");
    EXPECT_TRUE(jobs_->next_due(clock_.now()).ok());
  });
  ASSERT_FALSE(copied.ok());
  EXPECT_EQ(copied.error().code, ErrorCode::unavailable) << copied.error().detail;
  EXPECT_TRUE(claim());
}

TEST_F(HeldJobTest, StaysHeldWhereItsHolderIsAtWork) {
  clock_.advance(lease_ + hours(1));
  std::thread at_work([&] { EXPECT_TRUE(holder_->run_script("SELECT pg_sleep(0.5)").ok()); });
  wait_until_it_waits_for("PgSleep");
  EXPECT_TRUE(jobs_->next_due(clock_.now()).ok());
  EXPECT_FALSE(claim());
  at_work.join();
  EXPECT_TRUE(holds());
}

TEST_F(HeldJobTest, StaysHeldBySessionsOfOtherPrograms) {
  ASSERT_TRUE(holder_->run_script("SET application_name = 'another'").ok());
  clock_.advance(lease_ + hours(1));
  EXPECT_TRUE(jobs_->next_due(clock_.now()).ok());
  EXPECT_TRUE(holds());
}

/// Nodes on one database that end and take jobs side by side.
class SeveralNodesTest : public ClaimsInARowTest {
 protected:
  struct Node {
    Node(const std::string& url, const Sealer& sealer, const Clock& clock)
        : database(url, 6), jobs(database, sealer, clock) {}
    Database database;
    Jobs jobs;
  };
  void add_import(int department) {
    jobs::Job job;
    job.id = JobId(Uuid::random());
    job.department = Department("department " + std::to_string(department));
    job.client = ClientId("client-1");
    job.source.path = "file:///srv/package.zip";
    job.created = job.due = clock_.now();
    ASSERT_TRUE(jobs_->create(job, std::nullopt).ok());
  }
  /// Takes and ends jobs until all have ended.
  void work(Node& node, const std::string& owner, int all) {
    const jobs::ClaimLimits limits{kWorkers, Milliseconds(10'000)};
    while (ended_ < all) {
      auto job = node.jobs.claim(clock_.now(), owner, limits);
      ASSERT_TRUE(job.ok()) << job.error().message << " / " << job.error().detail;
      while (*job) {
        const jobs::Ending done{jobs::Event::finish, clock_.now(), "", false, "", "Ended."};
        auto both = node.jobs.end_and_claim((*job)->id, (*job)->epoch, done, clock_.now(), owner, limits);
        ASSERT_TRUE(both.ok()) << both.error().message << " / " << both.error().detail;
        ++ended_;
        *job = std::move(both->next);
      }
      std::this_thread::yield();
    }
  }

  static constexpr int kWorkers = 4;
  std::atomic<int> ended_{0};
};

TEST_F(SeveralNodesTest, TakeEachJobOnce) {
  constexpr int kJobs = 120;
  for (int i = 0; i < kJobs; ++i) add_import(i % 3);
  Node one(url_, sealer_, clock_), other(url_, sealer_, clock_);
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&] { work(one, "one", kJobs); });
    workers.emplace_back([&] { work(other, "other", kJobs); });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(ended_, kJobs);
  jobs::JobFilter all;
  all.limit = 1'000;
  const auto listed = jobs_->list(all);
  ASSERT_TRUE(listed.ok());
  for (const jobs::Job& job : *listed) {
    EXPECT_EQ(job.state, jobs::State::successful);
    EXPECT_EQ(job.epoch, Epoch(1));
  }
}

TEST_F(SeveralNodesTest, DoNotWaitForADepartmentOfWhichAnImportIsBeingTaken) {
  for (const int department : {2, 1, 2, 1}) add_import(department);
  const auto one = Connection::open(url_), other = Connection::open(url_);
  ASSERT_TRUE(one.ok() && other.ok());
  const auto take = [&](Connection& connection, std::string_view owner) {
    const std::string statement = "SELECT coalesce(sum(number), 0)::bigint FROM waybill_claim_job(" +
                                  std::to_string(sql::to_integer(clock_.now())) + ", '" + std::string(owner) +
                                  "', 4000000000000, 9, 1::smallint, -1, -1, -1)";
    const auto number = connection.read_integer(statement.c_str());
    EXPECT_TRUE(number.ok()) << number.error().message << " / " << number.error().detail;
    return number ? *number : -1;
  };
  for (Connection* const node : {one->get(), other->get()}) {
    ASSERT_TRUE(node->begin().ok());
    ASSERT_TRUE(node->run_script("SET LOCAL statement_timeout = '20s'").ok());
  }
  EXPECT_EQ(take(**one, "one"), 1);
  EXPECT_EQ(take(**other, "other"), 2) << "the first that no other node is taking";
  // Both departments' next imports are free by what is committed, and each node holds one of the departments.
  EXPECT_EQ(take(**other, "other"), 0);
  EXPECT_EQ(take(**one, "one"), 0);
  EXPECT_TRUE((*one)->commit().ok());
  EXPECT_TRUE((*other)->commit().ok());
}

}  // namespace
}  // namespace waybill::storage::postgres
