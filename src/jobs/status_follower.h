#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/time.h"
#include "jobs/estimate.h"
#include "jobs/job_store.h"
#include "jobs/status_board.h"

namespace waybill::jobs {

/// Keeps what the board shows of other processes' jobs fresh: one look at the store an interval, for all jobs
/// that somebody asks for or waits for, however many ask. On a thread of its own; any thread may call.
class StatusFollower {
 public:
  /// All three outlive it. Estimates of when a job will be done are its own, from how it sees it go.
  StatusFollower(JobStore& store, StatusBoard& board, const Clock& clock, Milliseconds interval);
  ~StatusFollower();
  StatusFollower(const StatusFollower&) = delete;
  StatusFollower& operator=(const StatusFollower&) = delete;

  /// Something was announced: the next look comes sooner.
  void look_soon();

 private:
  void run();
  void look();
  void show(const Job& job);

  JobStore& store_;
  StatusBoard& board_;
  const Clock& clock_;
  std::unordered_map<JobId, Estimator> estimators_;  // the thread's alone
  const Milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool soon_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace waybill::jobs
