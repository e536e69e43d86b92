#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "worker/testing/worker_fixture.h"

namespace waybill::worker {
namespace {

using jobs::State;
using testing::HasSubstr;

/// A gate that stops commits of jobs at a position, so that a test sees them in the middle.
class Gate {
 public:
  void pass_or_wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    --waiting_;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool wait_for_waiting(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return waiting_ >= count; });
  }
  int waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

class SchedulerTest : public WorkerTest {
 protected:
  SchedulerTest() : faulty_(*store_) {
    make_package(package(), {});
    faulty_.before_commit = [this](int, const storage::Batch& batch) -> Result<void> {
      if (batch.position >= 20 && batch.position < 40) gate_.pass_or_wait();
      return {};
    };
  }
  ~SchedulerTest() override {
    gate_.open();
    scheduler_.reset();
  }

  void start() { start(options()); }
  void start(Options chosen) {
    scheduler_ = std::make_unique<Scheduler>(std::move(chosen), faulty_, board_, clock_);
    scheduler_->start();
  }

  /// Waits until the board says that the job has left `from`.
  State after(const JobId& id, State from) {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    const auto handle = board_.watch(id, from, [&] {
      const std::lock_guard lock(mutex);
      done = true;
      changed.notify_all();
    });
    {
      std::unique_lock lock(mutex);
      EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return done; }));
    }
    board_.unwatch(handle);
    const auto shown = board_.find(id);
    return shown ? shown->state : from;
  }

  FaultyStore faulty_;
  Gate gate_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, AJobThatIsMadeRunsToItsEnd) {
  gate_.open();
  start();
  EXPECT_TRUE(scheduler_->alive());
  const jobs::Job job = submit(new_job());
  scheduler_->wake();
  EXPECT_EQ(after(job.id, State::scheduled), State::in_progress);
  EXPECT_EQ(after(job.id, State::in_progress), State::successful);
  EXPECT_EQ(store_->jobs().get(job.id)->counts.successful, 56);
}

TEST_F(SchedulerTest, AThreadThatHasEndedAJobGoesOnWithTheNext) {
  gate_.open();
  Options one_at_a_time = options();
  one_at_a_time.running_jobs = 1;
  std::vector<JobId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(submit(new_job()).id);
  start(one_at_a_time);
  for (const JobId& id : ids) {
    after(id, State::scheduled);
    EXPECT_EQ(after(id, State::in_progress), State::successful);
  }
  for (const JobId& id : ids) EXPECT_EQ(store_->jobs().get(id)->epoch, Epoch(1)) << "taken once";
}

TEST_F(SchedulerTest, AJobWaitsForItsTime) {
  gate_.open();
  start();
  jobs::Job job = new_job();
  job.due = clock_.now() + Milliseconds(3'600'000);
  submit(job);
  scheduler_->wake();
  EXPECT_EQ(store_->jobs().get(job.id)->state, State::scheduled);
  clock_.advance(Milliseconds(3'600'000));
  scheduler_->wake();
  after(job.id, State::scheduled);
  EXPECT_EQ(after(job.id, State::in_progress), State::successful);
}

TEST_F(SchedulerTest, ADepartmentHasOneImportAtATimeAndValidationsBesideIt) {
  start();
  const jobs::Job first = submit(new_job());
  const jobs::Job second = submit(new_job());
  const jobs::Job validation = submit(new_job(jobs::JobType::validation));
  scheduler_->wake();
  ASSERT_TRUE(gate_.wait_for_waiting(2)) << "an import and a validation";
  EXPECT_EQ(scheduler_->running(), 2);
  EXPECT_EQ(store_->jobs().get(second.id)->state, State::scheduled);
  EXPECT_EQ(store_->jobs().get(validation.id)->state, State::in_progress);
  gate_.open();
  EXPECT_EQ(after(first.id, State::in_progress), State::successful);
  after(second.id, State::scheduled);
  EXPECT_EQ(after(second.id, State::in_progress), State::successful);
}

TEST_F(SchedulerTest, CancelStopsAJobInItsMiddle) {
  start();
  const jobs::Job job = submit(new_job());
  scheduler_->wake();
  ASSERT_TRUE(gate_.wait_for_waiting(1));
  ASSERT_TRUE(store_->jobs().request_cancel(job.id, ClientId("client-2"), clock_.now()).ok());
  scheduler_->cancel(job.id);
  gate_.open();
  EXPECT_EQ(after(job.id, State::in_progress), State::cancelled);
  const auto row = store_->jobs().get(job.id);
  EXPECT_EQ(row->counts.processed(), 20);
  EXPECT_THAT(log_text(job.id), HasSubstr("at the request of client client-2"));
}

TEST_F(SchedulerTest, ACancelAtAnotherServerIsHeardWithTheLease) {
  gate_.open();
  Options slow = options();
  slow.max_items_per_second = 1;  // it would take a minute
  start(std::move(slow));
  const jobs::Job job = submit(new_job());
  scheduler_->wake();
  after(job.id, State::scheduled);
  ASSERT_TRUE(store_->jobs().request_cancel(job.id, ClientId("client-3"), clock_.now()).ok());
  clock_.advance(Milliseconds(4'000));  // more than a third of the lease
  scheduler_->wake();
  EXPECT_EQ(after(job.id, State::in_progress), State::cancelled);
  EXPECT_THAT(log_text(job.id), HasSubstr("at the request of client client-3"));
}

TEST_F(SchedulerTest, TheBrakeHoldsAJobBackAndLetsACancelThrough) {
  gate_.open();
  Options slow = options();
  slow.max_items_per_second = 1;
  slow.batch_items = 1;
  std::atomic<int> items{0};
  faulty_.before_commit = [&](int, const storage::Batch& batch) -> Result<void> {
    if (batch.position == 1) ++items;
    return {};
  };
  start(std::move(slow));
  const jobs::Job job = submit(new_job());
  scheduler_->wake();
  after(job.id, State::scheduled);
  while (items == 0) std::this_thread::yield();
  scheduler_->cancel(job.id);
  EXPECT_EQ(after(job.id, State::in_progress), State::cancelled);
  EXPECT_LT(store_->jobs().get(job.id)->position, 5) << "56 items take a minute";
}

TEST_F(SchedulerTest, TheStopTimeIsKept) {
  start();
  jobs::Job job = new_job();
  job.stop = clock_.now() + Milliseconds(1'000);
  submit(job);
  scheduler_->wake();
  ASSERT_TRUE(gate_.wait_for_waiting(1));
  clock_.advance(Milliseconds(1'000));
  gate_.open();
  EXPECT_EQ(after(job.id, State::in_progress), State::cancelled);
  EXPECT_THAT(log_text(job.id), HasSubstr("Stopped at the stop time"));
}

TEST_F(SchedulerTest, StopReleasesAndTheNextOneResumes) {
  start();
  const jobs::Job job = submit(new_job());
  scheduler_->wake();
  ASSERT_TRUE(gate_.wait_for_waiting(1));
  std::thread stopping([&] { scheduler_->stop(); });
  while (scheduler_->alive()) std::this_thread::yield();  // the wish to stop is known
  gate_.open();
  stopping.join();
  EXPECT_FALSE(scheduler_->alive());
  EXPECT_EQ(scheduler_->running(), 0);
  const auto row = store_->jobs().get(job.id);
  EXPECT_EQ(row->state, State::in_progress);
  EXPECT_EQ(row->owner, "");
  EXPECT_EQ(row->position, 20);
  start();
  after(job.id, State::scheduled);
  EXPECT_EQ(after(job.id, State::in_progress), State::successful);
  EXPECT_EQ(store_->jobs().get(job.id)->counts, (jobs::Counts{56, 0, 0}));
}

TEST_F(SchedulerTest, AJobWhoseWorkerDiedIsTakenOver) {
  gate_.open();
  const jobs::Job job = submit(new_job());
  claim("a worker that died");
  clock_.advance(Milliseconds(60'000));
  start();
  after(job.id, State::scheduled);
  EXPECT_EQ(after(job.id, State::in_progress), State::successful);
  EXPECT_EQ(store_->jobs().get(job.id)->epoch, Epoch(2));
}

}  // namespace
}  // namespace waybill::worker
