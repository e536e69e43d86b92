#include "storage/postgres/jobs.h"

#include <gtest/gtest.h>

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

TEST_F(ClaimsInARowTest, CountTheWorkersJobsAllTheSame) {
  for (int i = 0; i < 5; ++i) add(i);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(claim(3));
  EXPECT_FALSE(claim(3)) << "it runs as many as it may";
  EXPECT_TRUE(claim(4));
}

}  // namespace
}  // namespace waybill::storage::postgres
