#include "worker/indexer.h"

#include <chrono>

namespace waybill::worker {

namespace {
constexpr std::size_t kRows = 500;              // a transaction of the index
constexpr std::chrono::milliseconds kLook{20};  // how often a waiting job looks whether it was asked to stop
constexpr std::chrono::seconds kRetry{1};
}  // namespace

Indexer::Indexer(storage::Store& store) : store_(store), thread_([this] { run(); }) {}

Indexer::~Indexer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  thread_.join();
}

void Indexer::wake() {
  const std::lock_guard lock(mutex_);
  ++asked_;
  wanted_.notify_one();
}

void Indexer::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (failure_) wanted_.wait_for(lock, kRetry, [&] { return stopping_; });
    wanted_.wait(lock, [&] { return stopping_ || done_ < asked_; });
    if (stopping_) return;
    const std::uint64_t asked = asked_;
    lock.unlock();
    const auto caught_up = store_.index_some(kRows);
    lock.lock();
    if (!caught_up) {
      failure_ = caught_up.error();
    } else {
      failure_.reset();
      if (*caught_up) done_ = asked;
    }
    indexed_.notify_all();
  }
}

Result<void> Indexer::catch_up(const Context& context) {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = ++asked_;
  wanted_.notify_one();
  while (done_ < target) {
    WB_CHECK_OK(context.check());
    if (failure_) return *failure_;
    indexed_.wait_for(lock, kLook);
  }
  return {};
}

}  // namespace waybill::worker
