#include "jobs/status_follower.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

namespace waybill::jobs {
namespace {

using namespace std::chrono_literals;

/// Other processes' jobs as rows, and how often they were looked at.
class Rows final : public JobStore {
 public:
  void put(const Job& job) {
    const std::lock_guard lock(mutex_);
    jobs_[job.id] = job;
  }
  void wait_for_looks(int more) {
    std::unique_lock lock(mutex_);
    const int wanted = looks_ + more;
    looked_.wait(lock, [&] { return looks_ >= wanted; });
  }
  int looks() {
    const std::lock_guard lock(mutex_);
    return looks_;
  }
  Result<std::vector<Job>> get_all(const std::vector<JobId>& ids) override {
    const std::lock_guard lock(mutex_);
    std::vector<Job> found;
    for (const JobId& id : ids) {
      if (const auto one = jobs_.find(id); one != jobs_.end()) found.push_back(one->second);
    }
    ++looks_;
    looked_.notify_all();
    return found;
  }

  static Error unused() { return {ErrorCode::internal, "not asked for in these tests"}; }
  Result<Created> create(const Job&, const std::optional<IdempotencyKey>&) override { return unused(); }
  Result<std::optional<JobId>> prune(Time) override { return unused(); }
  Result<Job> get(const JobId&) override { return unused(); }
  Result<std::vector<Job>> list(const JobFilter&) override { return unused(); }
  Result<std::optional<Job>> undo_of(const JobId&) override { return unused(); }
  Result<std::vector<JobCount>> counts() override { return unused(); }
  Result<std::int64_t> unfinished(const ClientId&) override { return unused(); }
  Result<std::optional<Job>> claim(Time, const std::string&, const ClaimLimits&) override { return unused(); }
  Result<std::optional<Time>> next_due(Time) override { return unused(); }
  Result<std::int64_t> end_leases() override { return unused(); }
  Result<LeaseAnswer> renew(const JobId&, Epoch, Time) override { return unused(); }
  Result<State> request_cancel(const JobId&, const ClientId&, Time) override { return unused(); }
  Result<Job> end(const JobId&, Epoch, const Ending&) override { return unused(); }
  Result<EndedAndNext> end_and_claim(const JobId&, Epoch, const Ending&, Time, const std::string&,
                                     const ClaimLimits&) override {
    return unused();
  }
  Result<Job> retry(const JobId&, const ClientId&, Time, const Secret&) override { return unused(); }

 private:
  std::mutex mutex_;
  std::condition_variable looked_;
  std::map<JobId, Job> jobs_;
  int looks_ = 0;
};

Job new_job() {
  Job job;
  job.id = JobId(Uuid::random());
  job.version = 1;
  return job;
}

TEST(StatusFollower, ShowsWhatBecomesOfAnotherProcesssJob) {
  Rows rows;
  StatusBoard board;
  Job job = new_job();
  rows.put(job);
  board.publish_row(job);
  std::mutex mutex;
  std::condition_variable changed;
  bool seen = false;
  board.watch(job.id, State::scheduled, [&] {
    const std::lock_guard lock(mutex);
    seen = true;
    changed.notify_all();
  });
  StatusFollower follower(rows, board, system_clock(), 20ms);
  job.state = State::in_progress;
  job.version = 2;
  rows.put(job);
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, 60s, [&] { return seen; }));
  EXPECT_EQ(board.find(job.id)->state, State::in_progress);
}

TEST(StatusFollower, EstimatesWhenAnotherProcesssJobWillBeDone) {
  Rows rows;
  StatusBoard board;
  Job job = new_job();
  job.state = State::in_progress;
  job.total = 1'000'000;
  rows.put(job);
  board.publish_row(job);
  StatusFollower follower(rows, board, system_clock(), 20ms);
  for (int i = 0; i < 1'000 && !board.find(job.id)->estimated_completion; ++i) {
    ++job.version;
    job.counts.successful += 10;
    rows.put(job);
    rows.wait_for_looks(2);
  }
  const auto status = board.find(job.id);
  ASSERT_TRUE(status->estimated_completion.has_value());
  EXPECT_GT(*status->estimated_completion, system_clock().now());
  EXPECT_GT(status->rate.value_or(0), 0);
}

TEST(StatusFollower, LooksOnceAnIntervalHoweverManyAsk) {
  Rows rows;
  StatusBoard board;
  const Job job = new_job();
  rows.put(job);
  board.publish_row(job);
  StatusFollower follower(rows, board, system_clock(), 100ms);
  const auto start = std::chrono::steady_clock::now();
  const int before = rows.looks();
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(board.find(job.id));
  rows.wait_for_looks(2);
  const int looks = rows.looks() - before;
  const auto passed = std::chrono::steady_clock::now() - start;
  EXPECT_LE(looks, passed / 100ms + 1);
}

TEST(StatusFollower, ForgetsAJobThatIsGone) {
  Rows rows;
  StatusBoard board;
  const Job job = new_job();
  board.publish_row(job);
  {
    StatusFollower follower(rows, board, system_clock(), 10ms);
    rows.wait_for_looks(1);
  }  // its look has come to its end
  EXPECT_EQ(board.find(job.id), nullptr);
}

TEST(StatusBoard, FollowsOnlyWhatHasNoOwnerHereAndIsAskedFor) {
  StatusBoard board;
  const Job asked = new_job(), not_asked = new_job(), waited_for = new_job(), own = new_job(),
            unknown = new_job();
  for (const Job& job : {asked, not_asked, waited_for}) board.publish_row(job);
  Status mine = status_of(own);
  mine.state = State::in_progress;
  board.publish(mine);
  board.watch(waited_for.id, State::scheduled, [] {});
  board.watch(unknown.id, State::scheduled, [] {});
  std::vector<JobId> followed = board.followed(1h);
  std::sort(followed.begin(), followed.end());
  std::vector<JobId> expected{asked.id, not_asked.id, waited_for.id, unknown.id};
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(followed, expected) << "what was shown just now counts as asked for";
  followed = board.followed(0ns);
  EXPECT_EQ(followed.size(), 2U) << "those that somebody waits for";
  EXPECT_EQ(board.find(not_asked.id), nullptr);
  EXPECT_NE(board.find(own.id), nullptr);
  mine.state = State::successful;
  mine.version += kVersionsPerChange;
  board.publish(mine);
  EXPECT_EQ(board.followed(1h).size(), 3U) << "an ended job may be retried elsewhere";
}

}  // namespace
}  // namespace waybill::jobs
