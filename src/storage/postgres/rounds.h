#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace waybill::storage::postgres {

/// Work that several threads have at the same time, done for all of them at once: those that come while
/// enough rounds are under way wait, and go together in the next one. Any thread.
template <typename Turn>
class Rounds {
 public:
  /// `at_once`: so many rounds may be under way; `most`: so many turns go in one.
  Rounds(std::size_t at_once, std::size_t most) : at_once_(at_once), most_(most) {}

  /// Returns once `turn` was part of a round. `work(const std::vector<Turn*>&)` does a round, on the thread
  /// of one of its turns; what it throws, that one gets.
  template <typename Work>
  void take_part(Turn& turn, Work&& work) {
    if (!wait_to_lead(turn)) return;
    std::vector<Waiting*> others;
    const Over over{*this, others};
    // Those that were in a round together come back together, or a moment after each other.
    for (int i = 0; i < kSlicesGiven; ++i) std::this_thread::yield();
    others = take_waiting(most_ - 1);
    std::vector<Turn*> turns{&turn};
    for (const Waiting* const one : others) turns.push_back(one->turn);
    work(turns);
  }

  /// For tests: how many wait for a round now.
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  /// Each is woken by itself, and once: with many threads, waking all of them for every round was an eighth
  /// of the processor time.
  struct Waiting {
    enum class State { waits, leads, done };
    void become(State next) {
      state = next;
      changed.notify_one();
    }
    Turn* turn;
    State state = State::waits;
    std::condition_variable changed{};
  };
  /// The end of a round: the first that waits leads the next one.
  struct Over {
    ~Over() {
      const std::lock_guard lock(rounds.mutex_);
      if (rounds.waiting_.empty()) {
        --rounds.rounds_;
      } else {
        rounds.waiting_.front()->become(Waiting::State::leads);
        rounds.waiting_.erase(rounds.waiting_.begin());
      }
      for (Waiting* const one : others) one->become(Waiting::State::done);
    }
    Rounds& rounds;
    const std::vector<Waiting*>& others;
  };
  // Measured with four threads that have nothing else to do: 4 rather than none gave rounds of 2.5 turns
  // where there had been 1.5, and a sixth more turns a second; 10 gave no more.
  static constexpr int kSlicesGiven = 4;

  /// False where another's round has had it.
  bool wait_to_lead(Turn& turn) {
    std::unique_lock lock(mutex_);
    if (rounds_ < at_once_) {
      ++rounds_;
      return true;
    }
    Waiting mine{&turn};
    waiting_.push_back(&mine);
    mine.changed.wait(lock, [&] { return mine.state != Waiting::State::waits; });
    return mine.state == Waiting::State::leads;
  }

  std::vector<Waiting*> take_waiting(std::size_t most) {
    const std::lock_guard lock(mutex_);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most));
    std::vector<Waiting*> taken(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    return taken;
  }

  const std::size_t at_once_;
  const std::size_t most_;
  std::mutex mutex_;
  std::vector<Waiting*> waiting_;  // in the order in which they came
  std::size_t rounds_ = 0;
};

}  // namespace waybill::storage::postgres
