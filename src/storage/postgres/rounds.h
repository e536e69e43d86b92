#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace waybill::storage::postgres {

/// How long a round waits for others, and others for a round.
struct RoundTimes {
  /// Those that were in a round together come back together, or a moment after each other: so long after its
  /// end the next one waits for them. Measured with four threads that have nothing else to do, on two cores:
  /// most are back within 100 µs; 50 and 400 µs give about as many turns a second.
  std::chrono::nanoseconds gather = std::chrono::microseconds(150);
  /// A round that lasts longer, since it waits for somebody's lock, say, does not hold up others than its
  /// own.
  std::chrono::nanoseconds slow = std::chrono::milliseconds(50);
};

/// Work that several threads have at the same time, done for all of them at once: those that come while a
/// round is under way wait, and go together in the next one. Any thread.
template <typename Turn>
class Rounds {
 public:
  /// `most`: so many turns go in one. `at_once`: so many rounds may be under way, where they are slow.
  Rounds(std::size_t most, std::size_t at_once, RoundTimes times = {})
      : most_(most), at_once_(at_once), times_(times) {}

  /// Returns once `turn` was part of a round. `work(const std::vector<Turn*>&)` does a round, on the thread
  /// of one of its turns; what it throws, that one gets.
  template <typename Work>
  void take_part(Turn& turn, Work&& work) {
    if (!wait_to_lead(turn)) return;
    Round round;
    const Over over{*this, round};
    round = gather();
    std::vector<Turn*> turns{&turn};
    for (const auto& one : round) turns.push_back(one->turn);
    work(turns);
  }

  /// For tests: how many wait for a round now.
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  /// Each is woken by itself, and once: with many threads, waking all of them for every round was an eighth
  /// of the processor time. Shared, so that the one who wakes it need not hold the mutex, which it wants
  /// first.
  struct Waiting {
    enum class State { waits, leads, done };
    explicit Waiting(Turn& the_turn) : turn(&the_turn) {}
    Turn* turn;
    State state = State::waits;
    std::condition_variable changed;
  };
  using Round = std::vector<std::shared_ptr<Waiting>>;  // without its leader

  /// The end of a round: the first that waits leads the next one.
  struct Over {
    ~Over() {
      std::shared_ptr<Waiting> leader;
      {
        const std::lock_guard lock(rounds.mutex_);
        rounds.last_end_ = Clock::now();
        rounds.sent_off_ = round.size() + 1;
        rounds.came_ = 0;
        if (rounds.waiting_.empty()) {
          --rounds.under_way_;
        } else {
          leader = std::move(rounds.waiting_.front());
          rounds.waiting_.pop_front();
          leader->state = Waiting::State::leads;
        }
        for (const auto& one : round) one->state = Waiting::State::done;
      }
      if (leader) leader->changed.notify_one();
      for (const auto& one : round) one->changed.notify_one();
    }
    Rounds& rounds;
    const Round& round;
  };
  using Clock = std::chrono::steady_clock;

  /// False where another's round has had it.
  bool wait_to_lead(Turn& turn) {
    std::unique_lock lock(mutex_);
    ++came_;
    if (all_are_back()) gathered_.notify_all();
    if (under_way_ == 0) {
      ++under_way_;
      return true;
    }
    const auto mine = std::make_shared<Waiting>(turn);
    waiting_.push_back(mine);
    const auto decided = [&] { return mine->state != Waiting::State::waits; };
    while (!mine->changed.wait_for(lock, times_.slow, decided)) {
      // A round that has begun has this turn, if it is not among those that wait.
      const auto place = std::find(waiting_.begin(), waiting_.end(), mine);
      if (place == waiting_.end() || under_way_ == at_once_) continue;
      waiting_.erase(place);
      ++under_way_;
      return true;
    }
    return mine->state == Waiting::State::leads;
  }

  bool all_are_back() const { return came_ >= sent_off_; }

  Round gather() {
    std::unique_lock lock(mutex_);
    gathered_.wait_until(lock, last_end_ + times_.gather, [this] { return all_are_back(); });
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most_ - 1));
    Round taken(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    return taken;
  }

  const std::size_t most_;
  const std::size_t at_once_;
  const RoundTimes times_;
  std::mutex mutex_;
  std::condition_variable gathered_;
  std::deque<std::shared_ptr<Waiting>> waiting_;  // in the order in which they came
  std::size_t under_way_ = 0;
  Clock::time_point last_end_{};  // of a round
  std::size_t sent_off_ = 0;      // turns of that round
  std::size_t came_ = 0;          // turns since then
};

}  // namespace waybill::storage::postgres
