#include "jobs/status_board.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace waybill::jobs {
namespace {

Status make(const JobId& id, State state, std::int64_t processed, std::int64_t version) {
  Status status;
  status.id = id;
  status.state = state;
  status.counts.successful = processed;
  status.version = version;
  return status;
}

TEST(StatusBoard, WhatWouldGoBackIsNotShown) {
  StatusBoard board;
  const JobId id(Uuid::random());
  board.publish(make(id, State::in_progress, 10, 2));
  board.publish(make(id, State::in_progress, 5, 3));
  EXPECT_EQ(board.find(id)->counts.processed(), 10);
  board.publish(make(id, State::in_progress, 20, 1));
  EXPECT_EQ(board.find(id)->counts.processed(), 10);
  board.publish(make(id, State::successful, 20, 4));
  board.publish(make(id, State::in_progress, 30, 5));
  EXPECT_EQ(board.find(id)->state, State::successful);
  board.publish(make(id, State::scheduled, 20, 6));  // asked-for retry
  EXPECT_EQ(board.find(id)->state, State::scheduled);
}

TEST(StatusBoard, WatchIsCalledOnceWhenTheStateChanges) {
  StatusBoard board;
  const JobId id(Uuid::random());
  int called = 0;
  board.publish(make(id, State::scheduled, 0, 1));
  board.watch(id, State::scheduled, [&] { ++called; });
  const auto dropped = board.watch(id, State::scheduled, [&] { called += 100; });
  board.unwatch(dropped);
  board.publish(make(id, State::scheduled, 0, 2));
  EXPECT_EQ(called, 0);
  board.publish(make(id, State::in_progress, 0, 3));
  board.publish(make(id, State::successful, 1, 4));
  EXPECT_EQ(called, 1);
  board.watch(id, State::in_progress, [&] { ++called; });
  EXPECT_EQ(called, 2) << "the state differs already";
}

TEST(StatusBoard, ForgottenJobsAreNotFound) {
  StatusBoard board;
  const JobId id(Uuid::random());
  EXPECT_EQ(board.find(id), nullptr);
  board.publish(make(id, State::in_progress, 1, 1));
  board.forget(id);
  EXPECT_EQ(board.find(id), nullptr);
}

TEST(StatusBoard, ReadersNeverSeeProgressFallWhileSeveralPublish) {
  StatusBoard board;
  const JobId id(Uuid::random());
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> fell{false};
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) {
        const std::int64_t value = ++next;
        board.publish(make(id, State::in_progress, value, value));
      }
    });
  }
  std::thread reader([&] {
    std::int64_t last = 0;
    while (!done) {
      const auto shown = board.find(id);
      if (!shown) continue;
      if (shown->counts.processed() < last) fell = true;
      last = shown->counts.processed();
    }
  });
  for (auto& thread : threads) thread.join();
  done = true;
  reader.join();
  EXPECT_FALSE(fell);
  EXPECT_EQ(board.find(id)->counts.processed(), 6000);
}

}  // namespace
}  // namespace waybill::jobs
