#include "jobs/status_board.h"

#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace waybill::jobs {

namespace {

// Ended jobs are kept here so that late polls stay cheap; older ones are in the store.
constexpr std::size_t kEndedKept = 10'000;

/// True where showing `next` after `shown` would take back what a client has read.
bool goes_back(const Status& shown, const Status& next) {
  if (next.version < shown.version) return true;
  const bool retried =
      is_final(shown.state) && next.version > shown.version && next.state == State::scheduled;
  if (is_final(shown.state) && next.state != shown.state && !retried) return true;
  return next.counts.processed() < shown.counts.processed();
}

}  // namespace

struct StatusBoard::Impl {
  struct Watch {
    JobId job;
    State from;
    std::function<void()> changed;
  };

  mutable std::mutex mutex;
  // Shared: each answer holds the snapshot that it is made from, while newer ones take its place here.
  std::unordered_map<JobId, std::shared_ptr<const Status>> statuses;
  std::deque<JobId> ended;  // in order of their end
  std::map<std::uint64_t, Watch> watches;
  std::unordered_multimap<JobId, std::uint64_t> watches_of_job;
  std::uint64_t next_watch = 1;

  /// Takes out the watches that the job's new state has answered.
  std::vector<std::function<void()>> take_answered(const JobId& id, State state) {
    std::vector<std::function<void()>> answered;
    auto [it, end] = watches_of_job.equal_range(id);
    while (it != end) {
      const auto watch = watches.find(it->second);
      if (watch->second.from == state) {
        ++it;
        continue;
      }
      answered.push_back(std::move(watch->second.changed));
      watches.erase(watch);
      it = watches_of_job.erase(it);
    }
    return answered;
  }

  void remember_end(const JobId& id) {
    ended.push_back(id);
    if (ended.size() <= kEndedKept) return;
    const auto oldest = statuses.find(ended.front());
    if (oldest != statuses.end() && is_final(oldest->second->state)) statuses.erase(oldest);
    ended.pop_front();
  }
};

StatusBoard::StatusBoard() : impl_(std::make_unique<Impl>()) {}
StatusBoard::~StatusBoard() = default;

void StatusBoard::publish(Status status) {
  const JobId id = status.id;
  const State state = status.state;
  auto snapshot = std::make_shared<const Status>(std::move(status));
  std::vector<std::function<void()>> answered;
  {
    const std::lock_guard lock(impl_->mutex);
    auto& shown = impl_->statuses[id];
    if (shown && goes_back(*shown, *snapshot)) return;
    const bool newly_ended = is_final(state) && (!shown || !is_final(shown->state));
    shown = std::move(snapshot);
    if (newly_ended) impl_->remember_end(id);
    answered = impl_->take_answered(id, state);
  }
  for (const auto& changed : answered) changed();
}

std::shared_ptr<const Status> StatusBoard::find(const JobId& id) const {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->statuses.find(id);
  return found == impl_->statuses.end() ? nullptr : found->second;
}

void StatusBoard::forget(const JobId& id) {
  const std::lock_guard lock(impl_->mutex);
  impl_->statuses.erase(id);
}

std::uint64_t StatusBoard::watch(const JobId& id, State from, std::function<void()> changed) {
  {
    const std::lock_guard lock(impl_->mutex);
    const auto shown = impl_->statuses.find(id);
    if (shown == impl_->statuses.end() || shown->second->state == from) {
      const std::uint64_t handle = impl_->next_watch++;
      impl_->watches.emplace(handle, Impl::Watch{id, from, std::move(changed)});
      impl_->watches_of_job.emplace(id, handle);
      return handle;
    }
  }
  changed();
  return 0;
}

void StatusBoard::unwatch(std::uint64_t handle) {
  const std::lock_guard lock(impl_->mutex);
  const auto watch = impl_->watches.find(handle);
  if (watch == impl_->watches.end()) return;
  auto [it, end] = impl_->watches_of_job.equal_range(watch->second.job);
  for (; it != end; ++it) {
    if (it->second == handle) {
      impl_->watches_of_job.erase(it);
      break;
    }
  }
  impl_->watches.erase(watch);
}

}  // namespace waybill::jobs
