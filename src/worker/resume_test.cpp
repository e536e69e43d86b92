#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/testing/worker_fixture.h"

namespace waybill::worker {
namespace {

/// The findings and contents that a job leaves behind.
struct Outcome {
  jobs::Job job;
  std::vector<std::string> findings;
  std::vector<std::string> contents;
};

class ResumeTest : public WorkerTest {
 protected:
  ResumeTest() {
    PackageShape shape;
    shape.counts = R"("counts": {}, "extra": 1)";
    // A warning, two errors and a remark among the articles; an unused file.
    shape.more_articles =
        R"(,{"name": "Loose", "folder": {"path": "Help"}, "content": "content/loose.html", "odd": 1},
           {"name": "Lost", "folder": {"path": "Nowhere"}, "content": "content/lost.html"},
           {"name": "Article 0", "folder": {"path": "Help"}, "content": "content/0.html"})";
    make_package(package(), shape);
    write(package() / "knowledgehub/articles/content/loose.html", "<p>x</p><a href=\"nothing.html\">x</a>");
    write(package() / "knowledgehub/articles/resources/unused.pdf", "x");
  }

  void clear_store() {
    store_.reset();
    std::filesystem::remove_all(folder_.path() / "data");
    std::filesystem::remove_all(folder_.path() / "blobs");
    std::filesystem::remove_all(folder_.path() / "logs");
    open_store();
  }

  Outcome outcome(jobs::Job job) {
    Outcome result{job, findings(job.id), contents()};
    return result;
  }

  /// Runs a job whose commit `number` ends the first owner, before or after it is durable, and then a second
  /// owner. nullopt where there were fewer commits.
  std::optional<Outcome> run_with_crash(int number, bool after) {
    clear_store();
    submit(new_job());
    FaultyStore faulty(*store_);
    faulty.before_commit = [&](int commit, const storage::Batch& batch) -> Result<void> {
      if (commit != number) return {};
      if (after) WB_CHECK_OK(store_->commit(batch));
      return Error{ErrorCode::lease_lost, "another worker has it"};
    };
    const auto first = run_job(claim("worker-1"), options(), faulty, board_, Context(clock_));
    if (first.ok()) return std::nullopt;
    EXPECT_EQ(first.error().code, ErrorCode::lease_lost);
    clock_.advance(Milliseconds(60'000));
    const auto second = run_job(claim("worker-2"), options(), *store_, board_, Context(clock_));
    EXPECT_TRUE(second.ok());
    return outcome(*second);
  }
};

TEST_F(ResumeTest, AWorkerThatDiesAtAnyBatchLeavesNoTrace) {
  const Outcome undisturbed = outcome(run());
  ASSERT_EQ(undisturbed.job.state, jobs::State::successful);
  ASSERT_EQ(undisturbed.job.counts, (jobs::Counts{56, 1, 2})) << log_text(undisturbed.job.id);
  for (const bool after : {false, true}) {
    int crashes = 0;
    for (int number = 1;; ++number) {
      const auto resumed = run_with_crash(number, after);
      if (!resumed) break;
      ++crashes;
      const std::string where = "commit " + std::to_string(number) + (after ? ", after" : ", before");
      EXPECT_EQ(resumed->job.state, jobs::State::successful) << where << resumed->job.error;
      EXPECT_EQ(resumed->job.counts, undisturbed.job.counts) << where;
      EXPECT_EQ(resumed->contents, undisturbed.contents) << where;
      EXPECT_EQ(resumed->findings, undisturbed.findings) << where;
      const auto log = read_file(
          folder_.path() / "logs" / ("import-logs-" + to_string(resumed->job.id) + ".txt"), 1'000'000);
      ASSERT_TRUE(log.ok()) << where;
      EXPECT_EQ(*log, log_text(resumed->job.id)) << where;
    }
    EXPECT_GE(crashes, 9);
  }
}

TEST_F(ResumeTest, AnOwnerWhoseLeaseIsLostWritesNothingMore) {
  submit(new_job());
  FaultyStore faulty(*store_);
  faulty.before_commit = [&](int, const storage::Batch& batch) -> Result<void> {
    if (batch.position < 20) return {};
    clock_.advance(Milliseconds(60'000));
    if (store_->jobs().get(batch.job)->owner == "worker-1") claim("worker-2");
    return {};  // the store itself refuses the old epoch
  };
  const auto first = run_job(claim("worker-1"), options(), faulty, board_, Context(clock_));
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code, ErrorCode::lease_lost);
  const auto list = store_->jobs().list({});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->front().position, 10);
  EXPECT_EQ(list->front().state, jobs::State::in_progress);
}

}  // namespace
}  // namespace waybill::worker
