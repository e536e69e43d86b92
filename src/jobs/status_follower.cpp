#include "jobs/status_follower.h"

#include <algorithm>
#include <unordered_set>

namespace waybill::jobs {

namespace {

// Announcements come in bursts; looks do not.
constexpr Milliseconds kLeastBetween{50};
// What nobody has asked for within so long is no longer followed.
constexpr std::chrono::seconds kInterest{10};

}  // namespace

StatusFollower::StatusFollower(JobStore& store, StatusBoard& board, const Clock& clock, Milliseconds interval)
    : store_(store), board_(board), clock_(clock), interval_(interval), thread_([this] { run(); }) {}

StatusFollower::~StatusFollower() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void StatusFollower::look_soon() {
  const std::lock_guard lock(mutex_);
  soon_ = true;
  changed_.notify_all();
}

void StatusFollower::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait_for(lock, std::min(kLeastBetween, interval_), [this] { return stop_; });
    changed_.wait_for(lock, std::max(interval_ - kLeastBetween, Milliseconds(0)),
                      [this] { return soon_ || stop_; });
    soon_ = false;
    if (stop_) return;
    lock.unlock();
    look();
    lock.lock();
  }
}

void StatusFollower::show(const Job& job) {
  Status status = status_of(job);
  if (job.state != State::in_progress) {
    estimators_.erase(job.id);
  } else if (job.total) {
    const auto now = clock_.steady();
    Estimator& estimator = estimators_[job.id];
    estimator.observe(now, job.counts.processed(), *job.total);
    status.rate = estimator.rate();
    status.estimated_completion = estimator.completion(clock_.now(), now);
  }
  board_.publish_row(std::move(status));
}

void StatusFollower::look() {
  const auto ids = board_.followed(kInterest);
  if (ids.empty()) return;
  const auto jobs = store_.get_all(ids);
  if (!jobs) return;  // the store is away: what is shown stays, and the health check tells
  std::unordered_set<JobId> gone(ids.begin(), ids.end());
  for (const Job& job : *jobs) {
    gone.erase(job.id);
    show(job);
  }
  std::erase_if(estimators_,
                [&](const auto& one) { return std::find(ids.begin(), ids.end(), one.first) == ids.end(); });
  for (const JobId& id : gone) board_.forget(id);
}

}  // namespace waybill::jobs
