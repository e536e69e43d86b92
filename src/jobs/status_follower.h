#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/time.h"
#include "jobs/job_store.h"
#include "jobs/status_board.h"

namespace waybill::jobs {

/// Keeps what the board shows of other processes' jobs fresh: one look at the store an interval, for all jobs
/// that somebody asks for or waits for, however many ask. On a thread of its own; any thread may call.
class StatusFollower {
 public:
  /// `store` and `board` outlive it.
  StatusFollower(JobStore& store, StatusBoard& board, Milliseconds interval);
  ~StatusFollower();
  StatusFollower(const StatusFollower&) = delete;
  StatusFollower& operator=(const StatusFollower&) = delete;

  /// Something was announced: the next look comes sooner.
  void look_soon();

 private:
  void run();
  void look();

  JobStore& store_;
  StatusBoard& board_;
  const Milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool soon_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace waybill::jobs
