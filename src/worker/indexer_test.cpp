#include "worker/indexer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "worker/testing/worker_fixture.h"

namespace waybill::worker {
namespace {

class IndexerTest : public WorkerTest {
 protected:
  IndexerTest() : faulty_(*store_) {
    faulty_.before_index = [this]() -> Result<bool> {
      ++looks_;
      return true;
    };
  }
  static void wait_until_caught_up(Indexer& indexer) {
    std::promise<bool> caught_up;
    indexer.when_caught_up([&](const Result<void>& result) { caught_up.set_value(result.ok()); });
    EXPECT_TRUE(caught_up.get_future().get());
  }
  void wait_for_looks(int least) const {
    for (int i = 0; i < 20'000 && looks_ < least; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_GE(looks_, least);
  }

  FaultyStore faulty_;
  std::atomic<int> looks_{0};
};

TEST_F(IndexerTest, WhatComesWithinTheDelayIsIndexedTogether) {
  Indexer indexer(faulty_);
  wait_until_caught_up(indexer);
  const int before = looks_;
  for (int i = 0; i < 50; ++i) {
    indexer.kick_within(std::chrono::hours(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  wait_until_caught_up(indexer);
  EXPECT_EQ(looks_, before + 1) << "whoever waits is not held up by the delay";
}

TEST_F(IndexerTest, TheDelayEnds) {
  Indexer indexer(faulty_);
  wait_until_caught_up(indexer);
  const int before = looks_;
  indexer.kick_within(std::chrono::milliseconds(1));
  wait_for_looks(before + 1);
}

}  // namespace
}  // namespace waybill::worker
