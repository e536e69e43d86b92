// A job's life, checked exhaustively: two workers, a client, a clock and crashes, in every order that there
// is, over the real table of moves. What the store promises (each move is one step, fenced by the epoch) is
// modelled; the store's own tests show that it keeps it.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jobs/state.h"

namespace waybill::jobs {
namespace {

constexpr int kItems = 2;
constexpr int kWorkers = 2;
constexpr int kMostEpochs = 4;  // bounds claims, and with them crashes
constexpr int kMostRetries = 1;

struct Worker {
  bool runs = false;
  int epoch = 0;
  int from = 0;       // the position that its open batch begins at
  int batch = 0;      // items decided and not committed
  bool told = false;  // of a cancel or the stop time
  auto operator<=>(const Worker&) const = default;
};

struct World {
  State state = State::scheduled;
  bool retryable = false;
  int epoch = 0;
  int owner = -1;           // who holds the lease; -1: nobody
  bool lease_over = false;  // the clock has passed it
  bool cancel_asked = false;
  bool stop_passed = false;
  int position = 0;
  int retries = 0;
  std::array<int, kItems> done{};  // how often each item was written
  std::array<Worker, kWorkers> workers{};
  auto operator<=>(const World&) const = default;
};

struct Step {
  std::string what;
  World after;
};

class Explorer {
 public:
  explicit Explorer(bool fenced) : fenced_(fenced) {}

  /// Visits all that can be reached; what is broken first, with the steps that lead there.
  std::optional<std::string> explore();
  std::size_t worlds() const { return seen_.size(); }
  /// Worlds from which no end can be reached any more.
  std::size_t dead_ends() const;

 private:
  std::vector<Step> steps(const World& now) const;
  void client_steps(const World& now, std::vector<Step>& out) const;
  void worker_steps(const World& now, int index, std::vector<Step>& out) const;
  void end_steps(const World& now, int index, std::vector<Step>& out) const;
  bool holds(const World& now, const Worker& worker) const {
    return !fenced_ || (now.state == State::in_progress && now.epoch == worker.epoch);
  }
  static std::string broken(const World& before, const Step& step);

  bool fenced_;
  std::map<World, std::pair<const World*, std::string>> seen_;  // and how it was come to
  std::map<const World*, std::vector<const World*>> before_;
};

void Explorer::client_steps(const World& now, std::vector<Step>& out) const {
  if (!is_final(now.state) && !now.cancel_asked) {
    World next = now;
    next.cancel_asked = true;
    if (now.state == State::scheduled) next.state = *next_state(now.state, Event::cancel);
    out.push_back({"cancel", next});
  }
  if (const auto after = next_state(now.state, Event::retry, now.retryable);
      after && now.retries < kMostRetries) {
    World next = now;
    next.state = *after;
    next.cancel_asked = next.retryable = next.stop_passed = false;
    ++next.retries;
    out.push_back({"retry", next});
  }
  if (now.owner >= 0 && !now.lease_over) {
    World next = now;
    next.lease_over = true;
    out.push_back({"the lease runs out", next});
  }
  if (!now.stop_passed) {
    World next = now;
    next.stop_passed = true;
    out.push_back({"the stop time passes", next});
  }
}

void Explorer::end_steps(const World& now, int index, std::vector<Step>& out) const {
  const Worker& worker = now.workers.at(static_cast<std::size_t>(index));
  for (const Event event : {Event::finish, Event::fail, Event::cancel, Event::release}) {
    if (worker.batch > 0) continue;  // an end comes behind its last commit
    if (event == Event::finish && (worker.from < kItems || worker.told)) continue;
    if (event == Event::cancel && !worker.told) continue;
    World next = now;
    if (event == Event::finish && now.cancel_asked && holds(now, worker)) {  // refused
      next.workers.at(static_cast<std::size_t>(index)).told = true;
      out.push_back({"worker " + std::to_string(index) + " is told to end by the cancel", next});
      continue;
    }
    next.workers.at(static_cast<std::size_t>(index)) = {};
    if (holds(now, worker)) {
      const auto after = next_state(now.state, event);
      if (!after) continue;
      next.state = *after;
      next.retryable = event == Event::fail;
      next.owner = -1;
      next.lease_over = false;
    }
    out.push_back(
        {"worker " + std::to_string(index) + " ends, event " + std::to_string(static_cast<int>(event)),
         next});
  }
}

void Explorer::worker_steps(const World& now, int index, std::vector<Step>& out) const {
  const auto at = static_cast<std::size_t>(index);
  const Worker& worker = now.workers.at(at);
  const std::string name = "worker " + std::to_string(index);
  if (!worker.runs) {
    const bool free = now.state == State::scheduled || now.owner < 0 || now.lease_over;
    const auto after = next_state(now.state, Event::claim);
    if (!after || !free || now.epoch == kMostEpochs) return;
    World next = now;
    next.state = *after;
    ++next.epoch;
    next.owner = index;
    next.lease_over = false;
    next.workers.at(at) = {true, next.epoch, now.position, 0, now.cancel_asked};
    out.push_back({name + " claims", next});
    return;
  }
  {
    World next = now;  // its lease stays until it runs out
    next.workers.at(at) = {};
    out.push_back({name + " dies", next});
  }
  if (worker.from + worker.batch < kItems && !worker.told) {
    World next = now;
    ++next.workers.at(at).batch;
    out.push_back({name + " decides an item", next});
  }
  if (worker.batch > 0) {
    World next = now;
    if (holds(now, worker)) {
      for (int item = 0; item < worker.batch; ++item)
        ++next.done.at(static_cast<std::size_t>(worker.from + item));
      next.position = worker.from + worker.batch;
      next.workers.at(at).from = next.position;
      next.workers.at(at).batch = 0;
    } else {
      next.workers.at(at) = {};
    }
    out.push_back({name + " commits", next});
  }
  {
    World next = now;
    if (holds(now, worker)) {
      next.lease_over = false;
      if (now.cancel_asked || now.stop_passed) next.workers.at(at).told = true;
    } else {
      next.workers.at(at) = {};
    }
    out.push_back({name + " renews", next});
  }
  end_steps(now, index, out);
}

std::vector<Step> Explorer::steps(const World& now) const {
  std::vector<Step> out;
  client_steps(now, out);
  for (int index = 0; index < kWorkers; ++index) worker_steps(now, index, out);
  return out;
}

std::string Explorer::broken(const World& before, const Step& step) {
  const World& after = step.after;
  for (const int times : after.done) {
    if (times > 1) return "an item was done twice";
  }
  for (int item = 0; item < kItems; ++item) {
    if ((after.done.at(static_cast<std::size_t>(item)) == 1) != (item < after.position)) {
      return "the position and what is done disagree";
    }
  }
  if (after.position < before.position) return "processed fell";
  if (is_final(before.state) && after.state != before.state && step.what != "retry")
    return "an end was changed";
  if (before.state == State::in_progress && after.state == State::scheduled)
    return "a job went back to Scheduled";
  if (after.state == State::successful && after.position != kItems) return "Successful without all items";
  if (after.state == State::successful && after.cancel_asked) return "Successful in spite of a cancel";
  if (step.what == "cancel" && before.state == State::scheduled && after.state != State::cancelled) {
    return "a waiting job was not cancelled at once";
  }
  if (is_final(after.state) && after.owner >= 0) return "an ended job is owned";
  return {};
}

std::optional<std::string> Explorer::explore() {
  std::vector<const World*> open{&seen_.emplace(World{}, std::pair{nullptr, "start"}).first->first};
  while (!open.empty()) {
    const World* now = open.back();
    open.pop_back();
    for (const Step& step : steps(*now)) {
      const auto [at, fresh] = seen_.emplace(step.after, std::pair{now, step.what});
      before_[&at->first].push_back(now);
      if (const std::string what = broken(*now, step); !what.empty()) {
        std::string trace = what + ":";
        std::vector<std::string> way{step.what};
        for (const World* back = now; back != nullptr; back = seen_.at(*back).first)
          way.push_back(seen_.at(*back).second);
        for (auto line = way.rbegin(); line != way.rend(); ++line) trace += "\n  " + *line;
        return trace;
      }
      if (fresh) open.push_back(&at->first);
    }
  }
  return std::nullopt;
}

std::size_t Explorer::dead_ends() const {
  std::map<const World*, bool> lives;
  std::vector<const World*> open;
  for (const auto& [world, how] : seen_) {
    // Worlds that have used up the claims that the model allows are at its edge, not at a dead end.
    if (is_final(world.state) || world.epoch == kMostEpochs) {
      lives[&world] = true;
      open.push_back(&world);
    }
  }
  while (!open.empty()) {
    const World* now = open.back();
    open.pop_back();
    const auto found = before_.find(now);
    if (found == before_.end()) continue;
    for (const World* earlier : found->second) {
      if (!lives.emplace(earlier, true).second) continue;
      open.push_back(earlier);
    }
  }
  return seen_.size() - lives.size();
}

TEST(JobLife, NoOrderOfStepsLosesDoublesOrReopensAnything) {
  Explorer explorer(true);
  const auto problem = explorer.explore();
  EXPECT_FALSE(problem.has_value()) << *problem;
  EXPECT_GT(explorer.worlds(), 10'000U) << "the model has become too small to mean anything";
  EXPECT_EQ(explorer.dead_ends(), 0U) << "a job could never end";
  RecordProperty("worlds", static_cast<int>(explorer.worlds()));
}

TEST(JobLife, WithoutTheFenceTheExplorerFindsWhatItIsFor) {
  Explorer explorer(false);
  EXPECT_TRUE(explorer.explore().has_value());
}

}  // namespace
}  // namespace waybill::jobs
