#include "worker/indexer.h"

#include <algorithm>

#include "base/thread.h"
#include "worker/article_pipeline.h"

namespace waybill::worker {

namespace {

constexpr std::size_t kRowsAtOnce = 200;  // short enough to stop at once

}  // namespace

Indexer::Indexer(storage::Store& store) : store_(store), thread_([this] { run(); }) {}

Indexer::~Indexer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Indexer::kick() {
  const std::lock_guard lock(mutex_);
  ++wanted_;
  changed_.notify_all();
}

void Indexer::kick_within(std::chrono::nanoseconds delay) {
  const std::lock_guard lock(mutex_);
  if (next_) return;
  next_ = std::chrono::steady_clock::now() + delay;
  changed_.notify_all();
}

void Indexer::when_caught_up(std::function<void(Result<void>)> done) {
  const std::lock_guard lock(mutex_);
  waiting_.emplace_back(++wanted_, std::move(done));
  changed_.notify_all();
}

void Indexer::run() {
  std::uint64_t done = 0;
  yield_to_others();
  for (;;) {
    const std::optional<std::uint64_t> round = next_round(done);
    if (!round) break;
    tell(*round, without_exceptions("updating the search index", [&] { return catch_up(); }));
    done = *round;
  }
  tell(~std::uint64_t{0}, Error{ErrorCode::cancelled, "The work was asked to stop."});
}

/// Waits for one that is wanted; nullopt: it is to stop.
std::optional<std::uint64_t> Indexer::next_round(std::uint64_t done) {
  std::unique_lock lock(mutex_);
  while (!stop_ && wanted_ == done) {
    if (!next_) {
      changed_.wait(lock);
    } else if (changed_.wait_until(lock, *next_) == std::cv_status::timeout) {
      ++wanted_;
    }
  }
  next_.reset();
  return stop_ ? std::nullopt : std::optional(wanted_);
}

/// A first step alone: of what one job writes at the end there is often no more.
Result<void> Indexer::catch_up() {
  WB_TRY(const bool caught_up, step());
  if (caught_up) return {};
  std::vector<Result<void>> results(static_cast<std::size_t>(store_.index_lanes()));
  const auto run_lane = [&](Result<void>& result) {
    result = without_exceptions("updating the search index", [&] { return step_until_caught_up(); });
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < results.size(); ++i) {
      others.emplace_back([&, i] {
        yield_to_others();
        run_lane(results[i]);
      });
    }
    run_lane(results.front());
  }
  for (Result<void>& result : results) WB_CHECK_OK(std::move(result));
  return {};
}

Result<void> Indexer::step_until_caught_up() {
  for (;;) {
    WB_TRY(const bool caught_up, step());
    if (caught_up) return {};
  }
}

/// Whether all is indexed that was committed before.
Result<bool> Indexer::step() {
  {
    const std::lock_guard lock(mutex_);
    if (stop_) return Error{ErrorCode::cancelled, "The work was asked to stop."};
  }
  return store_.index_some(kRowsAtOnce);
}

void Indexer::tell(std::uint64_t round, const Result<void>& result) {
  std::vector<std::function<void(Result<void>)>> due;
  {
    const std::lock_guard lock(mutex_);
    const auto later = std::stable_partition(waiting_.begin(), waiting_.end(),
                                             [&](const auto& one) { return one.first <= round; });
    for (auto at = waiting_.begin(); at != later; ++at) due.push_back(std::move(at->second));
    waiting_.erase(waiting_.begin(), later);
  }
  for (const auto& call : due) call(result);
}

}  // namespace waybill::worker
