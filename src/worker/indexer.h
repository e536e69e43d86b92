#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "storage/store.h"

namespace waybill::worker {

/// Lets the full-text index follow the rows, on a thread of its own, beside all jobs of this process.
class Indexer {
 public:
  explicit Indexer(storage::Store& store);  // starts, and catches up with what an earlier process left
  ~Indexer();                               // stops after the step under way
  Indexer(const Indexer&) = delete;
  Indexer& operator=(const Indexer&) = delete;

  /// Something was committed. Any thread.
  void kick();
  /// The same where nobody waits for it: what comes within so long is indexed together. Any thread.
  void kick_within(std::chrono::nanoseconds delay);
  /// `done` is called once, from the indexer's thread, when everything committed before this call is indexed,
  /// or with why it could not be, or at the indexer's own end (cancelled). It must not block. Any thread.
  void when_caught_up(std::function<void(Result<void>)> done);

 private:
  void run();
  std::optional<std::uint64_t> next_round(std::uint64_t done);
  Result<void> catch_up();
  Result<void> step_until_caught_up();
  Result<bool> step();
  void tell(std::uint64_t round, const Result<void>& result);

  storage::Store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t wanted_ = 1;  // rounds asked for: the first is the look at the start
  std::optional<std::chrono::steady_clock::time_point> next_;  // a round that waits for more to come
  bool stop_ = false;
  std::vector<std::pair<std::uint64_t, std::function<void(Result<void>)>>> waiting_;
  std::thread thread_;
};

}  // namespace waybill::worker
