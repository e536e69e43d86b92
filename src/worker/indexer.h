#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "base/cancel.h"
#include "base/result.h"
#include "storage/store.h"

namespace waybill::worker {

/// Keeps the full-text index close behind what is committed, on a thread of its own, for all jobs of the
/// process.
class Indexer {
 public:
  explicit Indexer(storage::Store& store);
  ~Indexer();
  Indexer(const Indexer&) = delete;
  Indexer& operator=(const Indexer&) = delete;

  /// Something was committed. Any thread.
  void wake();
  /// Waits until everything committed before the call is in the index. Errors: those of the store; cancelled.
  Result<void> catch_up(const Context& context);

 private:
  void run();

  storage::Store& store_;
  std::mutex mutex_;
  std::condition_variable wanted_, indexed_;
  std::uint64_t asked_ = 1;  // grows with each wake(); the first round looks for what an earlier process left
  std::uint64_t done_ = 0;   // the value of asked_ that the index has caught up with
  std::optional<Error> failure_;  // of the last round
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace waybill::worker
