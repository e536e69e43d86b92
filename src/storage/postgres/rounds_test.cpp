#include "storage/postgres/rounds.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

namespace waybill::storage::postgres {
namespace {

struct Turn {
  int taken = 0;
};

// Longer than any test.
constexpr std::chrono::hours kNever{1};

/// The work of rounds, one at a time, of which the first lasts until it is told to end.
struct HeldWork {
  void operator()(const std::vector<Turn*>& turns) {
    if (sizes.empty()) {
      under_way.count_down();
      opened.wait();
    }
    sizes.push_back(turns.size());
    for (Turn* const turn : turns) ++turn->taken;
  }
  std::latch under_way{1}, opened{1};
  std::vector<std::size_t> sizes;
};

TEST(RoundsTest, ThoseThatComeDuringARoundGoTogetherInTheNext) {
  Rounds<Turn> rounds(16, 2, {std::chrono::milliseconds(1), kNever});
  HeldWork held;
  std::vector<Turn> turns(6);
  std::vector<std::thread> threads;
  threads.emplace_back([&] { rounds.take_part(turns[0], held); });
  held.under_way.wait();
  for (std::size_t i = 1; i < turns.size(); ++i) {
    threads.emplace_back([&, i] { rounds.take_part(turns[i], held); });
  }
  while (rounds.waiting() < 5) std::this_thread::yield();
  held.opened.count_down();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(held.sizes, (std::vector<std::size_t>{1, 5}));
  for (const Turn& turn : turns) EXPECT_EQ(turn.taken, 1);
}

TEST(RoundsTest, EveryTurnIsTakenOnceHoweverManyThreadsThereAre) {
  Rounds<Turn> rounds(3, 2, {std::chrono::microseconds(10), std::chrono::microseconds(20)});
  std::atomic<int> under_way{0}, most_under_way{0};
  std::atomic<std::size_t> largest{0};
  const auto work = [&](const std::vector<Turn*>& turns) {
    const int now = ++under_way;
    for (int seen = most_under_way; now > seen && !most_under_way.compare_exchange_weak(seen, now);) {
    }
    for (std::size_t seen = largest;
         turns.size() > seen && !largest.compare_exchange_weak(seen, turns.size());) {
    }
    for (Turn* const turn : turns) ++turn->taken;
    --under_way;
  };
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int one = 0; one < 2'000; ++one) {
        Turn turn;
        rounds.take_part(turn, work);
        if (turn.taken != 1) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(most_under_way, 2);
  EXPECT_LE(largest, 3U);
}

TEST(RoundsTest, ARoundWaitsForThoseOfTheOneBefore) {
  Rounds<Turn> rounds(16, 1, {kNever, kNever});
  HeldWork held;
  const auto take_part = [&](int times) {
    for (int i = 0; i < times; ++i) {
      Turn turn;
      rounds.take_part(turn, held);
    }
  };
  std::vector<std::thread> threads;
  threads.emplace_back(take_part, 21);
  held.under_way.wait();
  for (int i = 0; i < 2; ++i) threads.emplace_back(take_part, 20);
  while (rounds.waiting() < 2) std::this_thread::yield();
  held.opened.count_down();
  for (std::thread& thread : threads) thread.join();
  std::vector<std::size_t> expected{1};
  expected.insert(expected.end(), 20, 3);
  EXPECT_EQ(held.sizes, expected);
}

TEST(RoundsTest, ASlowRoundHoldsUpNoOthersThanItsOwn) {
  Rounds<Turn> rounds(16, 2, {std::chrono::nanoseconds(0), std::chrono::milliseconds(1)});
  HeldWork held;
  Turn slow, other;
  std::thread thread([&] { rounds.take_part(slow, held); });
  held.under_way.wait();
  rounds.take_part(other, [](const std::vector<Turn*>& turns) { ++turns.front()->taken; });
  EXPECT_EQ(other.taken, 1);
  held.opened.count_down();
  thread.join();
  EXPECT_EQ(slow.taken, 1);
}

TEST(RoundsTest, ARoundThatThrowsEndsForAllAndTheNextOneGoesOn) {
  Rounds<Turn> rounds(16, 1);
  Turn turn;
  EXPECT_THROW(rounds.take_part(turn, [](const auto&) { throw std::runtime_error("no memory"); }),
               std::runtime_error);
  rounds.take_part(turn, [](const std::vector<Turn*>& turns) { ++turns.front()->taken; });
  EXPECT_EQ(turn.taken, 1);
}

}  // namespace
}  // namespace waybill::storage::postgres
