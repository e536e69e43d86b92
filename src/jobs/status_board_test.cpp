#include "jobs/status_board.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace waybill::jobs {
namespace {

Status status(const JobId& id, State state, std::int64_t processed, std::int64_t version) {
  Status result;
  result.id = id;
  result.state = state;
  result.counts.successful = processed;
  result.version = version;
  return result;
}

TEST(StatusBoard, ProcessedNeverFalls) {
  StatusBoard board;
  const JobId id(Uuid::random());
  EXPECT_EQ(board.find(id), nullptr);
  board.publish(status(id, State::in_progress, 10, 5));
  board.publish(status(id, State::in_progress, 9, 6));
  EXPECT_EQ(board.find(id)->counts.successful, 10);
  board.publish(
      status(id, State::in_progress, 11, 4));  // further, though its owner missed a change of the row
  EXPECT_EQ(board.find(id)->counts.successful, 11);
  EXPECT_GT(board.find(id)->version, 5);
}

TEST(StatusBoard, AFinalStateStaysButForARetry) {
  StatusBoard board;
  const JobId id(Uuid::random());
  board.publish(status(id, State::failed, 10, 8));
  board.publish(status(id, State::in_progress, 10, 7));
  board.publish(status(id, State::in_progress, 12, 8));
  EXPECT_EQ(board.find(id)->state, State::failed);
  board.publish(status(id, State::scheduled, 10, 9));
  EXPECT_EQ(board.find(id)->state, State::scheduled);
}

TEST(StatusBoard, AnOldSnapshotDoesNotReplaceANewerOne) {
  StatusBoard board;
  const JobId id(Uuid::random());
  board.publish(status(id, State::in_progress, 0, 2));
  board.publish(status(id, State::scheduled, 0, 1));
  EXPECT_EQ(board.find(id)->state, State::in_progress);
  EXPECT_EQ(board.find(id)->version, 2);
}

TEST(StatusBoard, ForgettingAsksTheStoreAgain) {
  StatusBoard board;
  const JobId id(Uuid::random());
  board.publish(status(id, State::in_progress, 10, 5));
  board.forget(id);
  EXPECT_EQ(board.find(id), nullptr);
}

TEST(StatusBoard, KeepsABoundedNumberOfEndedJobs) {
  StatusBoard board;
  const JobId first(Uuid::random());
  board.publish(status(first, State::successful, 1, 1));
  const JobId running(Uuid::random());
  board.publish(status(running, State::in_progress, 1, 1));
  for (std::size_t i = 0; i < StatusBoard::kEndedKept; ++i) {
    board.publish(status(JobId(Uuid::random()), State::successful, 1, 1));
  }
  EXPECT_EQ(board.find(first), nullptr);
  EXPECT_NE(board.find(running), nullptr);
}

TEST(StatusBoard, AWatchIsCalledOnceWhenTheStateChanges) {
  StatusBoard board;
  const JobId id(Uuid::random());
  int calls = 0;
  board.watch(id, State::scheduled, [&] { ++calls; });
  EXPECT_EQ(calls, 0);
  board.publish(status(id, State::scheduled, 0, 1));
  EXPECT_EQ(calls, 0);
  board.publish(status(id, State::in_progress, 0, 2));
  board.publish(status(id, State::successful, 0, 3));
  EXPECT_EQ(calls, 1);
  board.watch(id, State::in_progress, [&] { ++calls; });
  EXPECT_EQ(calls, 2) << "the state differs already";
}

TEST(StatusBoard, AnUnwatchedCallbackIsNotCalled) {
  StatusBoard board;
  const JobId id(Uuid::random());
  int calls = 0;
  const auto handle = board.watch(id, State::scheduled, [&] { ++calls; });
  board.unwatch(handle);
  board.unwatch(handle);
  board.publish(status(id, State::in_progress, 0, 2));
  EXPECT_EQ(calls, 0);
}

TEST(StatusBoard, ReadersNeverSeeAJobGoBackUnderConcurrentPublication) {
  StatusBoard board;
  const JobId id(Uuid::random());
  constexpr int kSteps = 2'000;
  std::atomic<bool> done{false};
  std::atomic<int> back{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      std::int64_t processed = 0;
      std::int64_t version = 0;
      bool ended = false;
      while (!done) {
        const auto shown = board.find(id);
        if (!shown) continue;
        if (shown->counts.processed() < processed || shown->version < version) ++back;
        if (ended && !is_final(shown->state)) ++back;
        processed = shown->counts.processed();
        version = shown->version;
        ended = is_final(shown->state);
      }
    });
  }
  std::vector<std::thread> publishers;
  for (int i = 0; i < 2; ++i) {
    publishers.emplace_back([&] {
      for (int step = 0; step < kSteps; ++step) board.publish(status(id, State::in_progress, step, step));
      board.publish(status(id, State::successful, kSteps, kSteps * 100));
    });
  }
  for (auto& thread : publishers) thread.join();
  done = true;
  for (auto& thread : readers) thread.join();
  EXPECT_EQ(back, 0);
  EXPECT_EQ(board.find(id)->state, State::successful);
}

TEST(StatusBoardSubscriptionTest, EveryPublicationThatCountsIsToldUntilUnsubscribed) {
  StatusBoard board;
  Status status;
  status.id = JobId(Uuid::random());
  status.version = 1;
  int told = 0;
  const auto handle = board.subscribe(status.id, [&] { ++told; });
  board.publish(status);
  status.counts.successful = 5;
  status.version = 2;
  board.publish(status);
  status.counts.successful = 4;  // goes back
  status.version = 3;
  board.publish(status);
  EXPECT_EQ(told, 2);
  board.unsubscribe(status.id, handle);
  status.counts.successful = 6;
  status.version = 4;
  board.publish(status);
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace waybill::jobs
