#include "storage/postgres/jobs.h"

#include <gtest/gtest.h>

#include "storage/postgres/database.h"
#include "storage/postgres/embedded_sql.h"
#include "storage/postgres/migrate.h"
#include "storage/testing/postgres_server.h"

namespace waybill::storage::postgres {
namespace {

using std::chrono::hours;

/// Claims where every look counts as slow.
class SlowLooksTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = PostgresServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << "PostgreSQL is not installed";
    url_ = server_->make_database();
    const auto connection = Connection::open(url_);
    ASSERT_TRUE(connection.ok() && migrate(**connection, migrations(), "x").ok());
    database_ = std::make_unique<Database>(url_, 4);
    jobs_ = std::make_unique<Jobs>(*database_, sealer_, clock_);
    jobs_->set_slow_look(std::chrono::nanoseconds(0));
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

TEST_F(SlowLooksTest, TakeEveryJobInTheEnd) {
  const JobId first = add(1), second = add(2), third = add(3);
  EXPECT_EQ(claim(), first);
  const JobId older = add(0);
  // Within the second the older one waits; where a short look finds none, a whole one follows at once.
  std::vector<JobId> rest;
  while (const auto one = claim()) rest.push_back(*one);
  EXPECT_EQ(rest.size(), 3U);
  for (const JobId& one : {second, third, older}) {
    EXPECT_NE(std::find(rest.begin(), rest.end(), one), rest.end()) << to_string(one);
  }
}

TEST_F(SlowLooksTest, CountTheWorkersJobsAllTheSame) {
  for (int i = 0; i < 4; ++i) add(i);
  EXPECT_TRUE(claim(2));
  EXPECT_TRUE(claim(2));
  EXPECT_FALSE(claim(2)) << "it runs as many as it may";
  EXPECT_TRUE(claim(3));
}

}  // namespace
}  // namespace waybill::storage::postgres
