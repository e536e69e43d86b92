#include "jobs/status_board.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace waybill::jobs {

namespace {

constexpr std::size_t kShards = 16;

/// Scheduled, then in progress, then ended: a job goes up, and down again only by a retry.
int rank(State state) {
  if (state == State::scheduled) return 0;
  return state == State::in_progress ? 1 : 2;
}

/// True where showing `next` after `shown` would tell a client less than it has seen.
bool goes_back(const Status& shown, const Status& next) {
  if (next.counts.processed() < shown.counts.processed()) return true;
  const bool newer = next.version > shown.version;
  if (is_final(shown.state)) return !newer;  // a retry has a newer version
  if (rank(next.state) != rank(shown.state)) return rank(next.state) < rank(shown.state) && !newer;
  // An owner may not have heard of a change that another made to the row; what it has done counts all the
  // same.
  return !newer && next.counts.processed() == shown.counts.processed();
}

}  // namespace

struct StatusBoard::Impl {
  struct Shown {
    std::shared_ptr<const Status> status;
    bool owned = false;  // by a run in this process that has not ended
    mutable std::chrono::steady_clock::time_point asked = std::chrono::steady_clock::now();
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<JobId, Shown> statuses;
  };
  struct Watch {
    JobId id;
    State from;
    std::function<void()> changed;
  };

  Shard& shard(const JobId& id) { return shards[std::hash<JobId>{}(id) % kShards]; }
  void publish(Status status, bool by_owner);
  bool put(Status status, bool by_owner);
  void note_ended(const JobId& id);
  void call_watches(const JobId& id, State state);
  void call_subscribers(const JobId& id);

  std::array<Shard, kShards> shards;

  std::mutex ended_mutex;
  std::deque<JobId> ended;

  // Held while callbacks run, so that unwatch() waits for them; recursive, so that a callback may unwatch.
  std::recursive_mutex watch_mutex;
  std::map<std::uint64_t, Watch> watches;
  std::uint64_t next_watch = 1;
  std::unordered_map<JobId, std::map<std::uint64_t, std::function<void()>>> subscriptions;
  std::atomic<std::size_t> watch_count{0};
};

bool StatusBoard::Impl::put(Status status, bool by_owner) {
  Shard& place = shard(status.id);
  const std::lock_guard lock(place.mutex);
  Shown& entry = place.statuses[status.id];
  if (by_owner) entry.owned = !is_final(status.state);
  std::shared_ptr<const Status>& shown = entry.status;
  if (shown && goes_back(*shown, status)) return false;
  if (shown && status.version <= shown->version) status.version = shown->version + 1;
  shown = std::make_shared<const Status>(std::move(status));
  return true;
}

void StatusBoard::Impl::note_ended(const JobId& id) {
  std::optional<JobId> oldest;
  {
    const std::lock_guard lock(ended_mutex);
    ended.push_back(id);
    if (ended.size() <= kEndedKept) return;
    oldest = ended.front();
    ended.pop_front();
  }
  Shard& place = shard(*oldest);
  const std::lock_guard lock(place.mutex);
  const auto found = place.statuses.find(*oldest);
  if (found != place.statuses.end() && is_final(found->second.status->state)) place.statuses.erase(found);
}

void StatusBoard::Impl::call_watches(const JobId& id, State state) {
  if (watch_count.load() == 0) return;
  const std::lock_guard lock(watch_mutex);
  std::vector<std::uint64_t> due;
  for (const auto& [handle, watch] : watches) {
    if (watch.id == id && watch.from != state) due.push_back(handle);
  }
  for (const std::uint64_t handle : due) {
    auto taken = watches.extract(handle);  // an earlier callback may have unwatched it
    if (taken.empty()) continue;
    --watch_count;
    taken.mapped().changed();
  }
}

void StatusBoard::Impl::call_subscribers(const JobId& id) {
  if (watch_count.load() == 0) return;
  const std::lock_guard lock(watch_mutex);
  const auto found = subscriptions.find(id);
  if (found == subscriptions.end()) return;
  std::vector<std::function<void()>> all;  // a copy: one may unsubscribe
  for (const auto& [handle, changed] : found->second) all.push_back(changed);
  for (const auto& changed : all) changed();
}

StatusBoard::StatusBoard() : impl_(std::make_unique<Impl>()) {}
StatusBoard::~StatusBoard() = default;

void StatusBoard::Impl::publish(Status status, bool by_owner) {
  const JobId id = status.id;
  const State state = status.state;
  if (!put(std::move(status), by_owner)) return;
  if (is_final(state)) note_ended(id);
  call_watches(id, state);
  call_subscribers(id);
}

void StatusBoard::publish(Status status) {
  impl_->publish(std::move(status), true);
}

void StatusBoard::publish_row(Status status) {
  impl_->publish(std::move(status), false);
}

std::shared_ptr<const Status> StatusBoard::find(const JobId& id) const {
  const Impl::Shard& place = impl_->shard(id);
  const std::lock_guard lock(place.mutex);
  const auto found = place.statuses.find(id);
  if (found == place.statuses.end()) return nullptr;
  found->second.asked = std::chrono::steady_clock::now();
  return found->second.status;
}

std::vector<JobId> StatusBoard::followed(std::chrono::nanoseconds time) {
  std::set<JobId> waited_for;
  {
    const std::lock_guard lock(impl_->watch_mutex);
    for (const auto& [handle, watch] : impl_->watches) waited_for.insert(watch.id);
    for (const auto& [id, all] : impl_->subscriptions) waited_for.insert(id);
  }
  const auto since = std::chrono::steady_clock::now() - time;
  std::vector<JobId> list;
  for (Impl::Shard& place : impl_->shards) {
    const std::lock_guard lock(place.mutex);
    for (auto at = place.statuses.begin(); at != place.statuses.end();) {
      const bool waited = waited_for.erase(at->first) != 0;
      if (at->second.owned) {
        ++at;
      } else if (waited || at->second.asked >= since) {
        list.push_back(at->first);
        ++at;
      } else {
        at = place.statuses.erase(at);
      }
    }
  }
  list.insert(list.end(), waited_for.begin(), waited_for.end());  // nothing is shown of them yet
  return list;
}

void StatusBoard::forget(const JobId& id) {
  Impl::Shard& place = impl_->shard(id);
  const std::lock_guard lock(place.mutex);
  place.statuses.erase(id);
}

std::uint64_t StatusBoard::watch(const JobId& id, State from, std::function<void()> changed) {
  const std::lock_guard lock(impl_->watch_mutex);
  const std::uint64_t handle = impl_->next_watch++;
  impl_->watches.emplace(handle, Impl::Watch{id, from, std::move(changed)});
  ++impl_->watch_count;
  // Registered first: a publication from now on is seen, one from before is looked up here.
  if (const auto shown = find(id); shown && shown->state != from) impl_->call_watches(id, shown->state);
  return handle;
}

void StatusBoard::unwatch(std::uint64_t handle) {
  const std::lock_guard lock(impl_->watch_mutex);
  impl_->watch_count -= impl_->watches.erase(handle);
}

std::uint64_t StatusBoard::subscribe(const JobId& id, std::function<void()> changed) {
  const std::lock_guard lock(impl_->watch_mutex);
  const std::uint64_t handle = impl_->next_watch++;
  impl_->subscriptions[id].emplace(handle, std::move(changed));
  ++impl_->watch_count;
  return handle;
}

void StatusBoard::unsubscribe(const JobId& id, std::uint64_t handle) {
  std::function<void()> dropped;  // outlives the lock: what it holds may call back when it goes
  const std::lock_guard lock(impl_->watch_mutex);
  const auto found = impl_->subscriptions.find(id);
  if (found == impl_->subscriptions.end()) return;
  const auto one = found->second.find(handle);
  if (one == found->second.end()) return;
  dropped = std::move(one->second);
  found->second.erase(one);
  --impl_->watch_count;
  if (found->second.empty()) impl_->subscriptions.erase(found);
}

}  // namespace waybill::jobs
