#include "worker/indexer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <future>
#include <thread>

#include "worker/testing/worker_fixture.h"

namespace waybill::worker {
namespace {

class IndexerTest : public WorkerTest {
 protected:
  IndexerTest() : faulty_(*store_) {
    faulty_.index = [this]() -> Result<bool> {
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

TEST_F(IndexerTest, AllLanesOfTheStoreAreUsedWhereThereIsMoreThanOneStep) {
  faulty_.lanes = 3;
  std::barrier<> together(3);
  std::atomic<int> steps{0};
  faulty_.index = [&]() -> Result<bool> {
    if (++steps % 4 == 1) return false;  // there is more
    together.arrive_and_wait();
    return true;
  };
  Indexer indexer(faulty_);
  wait_until_caught_up(indexer);
  EXPECT_EQ(steps % 4, 0) << "one alone and one in each lane, a round";
}

TEST_F(IndexerTest, WhatOneLaneCouldNotDoIsTold) {
  faulty_.lanes = 2;
  std::atomic<int> steps{0};
  faulty_.index = [&]() -> Result<bool> {
    const int step = ++steps;
    if (step % 3 == 0) return Error{ErrorCode::unavailable, "the database is away"};
    return step % 3 != 1;
  };
  Indexer indexer(faulty_);
  std::promise<Result<void>> told;
  indexer.when_caught_up([&](Result<void> result) { told.set_value(std::move(result)); });
  const auto result = told.get_future().get();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
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
