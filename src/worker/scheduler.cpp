#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "worker/article_pipeline.h"
#include "worker/indexer.h"
#include "worker/job_control.h"
#include "worker/job_run.h"
#include "worker/worker.h"

namespace waybill::worker {

namespace {

/// The longest that the scheduler looks away: jobs that other processes make are found after so long.
constexpr std::chrono::nanoseconds kLongestWait = std::chrono::seconds(5);
/// After the store has failed.
constexpr std::chrono::nanoseconds kWaitAfterError = std::chrono::seconds(1);
constexpr std::chrono::nanoseconds kAliveWithin = std::chrono::seconds(60);
/// A lease is renewed so often within its time.
constexpr int kRenewals = 3;

}  // namespace

struct Scheduler::State {
  State(Options given, storage::Store& the_store, jobs::StatusBoard& the_board, const Clock& the_clock)
      : options(std::move(given)), store(the_store), board(the_board), clock(the_clock) {}

  /// A job that runs here.
  struct Running {
    Epoch epoch;
    std::optional<Time> stop;
    std::shared_ptr<JobControl> control;  // shared with its run, and those who still notify it
    std::thread thread;
    bool done = false;
  };

  // The scheduler's thread.
  void schedule();
  std::chrono::nanoseconds claim_all();
  void start_job(jobs::Job job);
  void join_done();

  // A job's thread, which goes on with the next one.
  void run_jobs(jobs::Job job, std::shared_ptr<JobControl> control);
  std::optional<jobs::Job> run(const jobs::Job& job, JobControl& control);
  Result<jobs::Job> end(const jobs::Job& job, const jobs::Ending& ending, std::optional<jobs::Job>& next);

  bool make_room(const JobId& id);
  Running& enter(const jobs::Job& job);
  jobs::ClaimLimits limits() const { return {options.running_jobs, options.lease}; }

  struct Kept {
    JobId id;
    Epoch epoch;
    std::optional<Time> stop;
    std::shared_ptr<JobControl> control;
  };
  // The keeper's thread: leases and stop times of all jobs here.
  void keep();
  void keep_once();
  void renew_leases(const std::vector<Kept>& list);
  bool clock_was_set();
  std::chrono::nanoseconds until_next_keeping();

  std::vector<Kept> running_now();

  const Options options;
  storage::Store& store;
  jobs::StatusBoard& board;
  const Clock& clock;

  std::mutex start_mutex;  // start() and stop() do not overlap
  std::unique_ptr<Indexer> indexer;
  std::thread scheduler_thread, keeper_thread;

  mutable std::mutex mutex;
  std::condition_variable changed, keeper_changed;
  bool started = false;
  bool stopping = false;
  bool woken = false;
  bool keeper_woken = false;
  std::chrono::nanoseconds next_renewal{};  // steady; the keeper's alone
  std::chrono::nanoseconds wall_ahead{};    // of the steady clock; the scheduler's alone
  std::map<JobId, Running> running;
  std::atomic<std::int64_t> last_round{0};  // steady, nanoseconds
};

void Scheduler::State::schedule() {
  for (;;) {
    last_round = clock.steady().count();
    join_done();
    std::chrono::nanoseconds wait = kWaitAfterError;
    // Nothing durable is lost by a round that fails: the next one looks again.
    (void)without_exceptions("looking for jobs", [&]() -> Result<void> {
      wait = claim_all();
      return {};
    });
    std::unique_lock lock(mutex);
    changed.wait_for(lock, wait, [&] { return woken || stopping; });
    woken = false;
    if (stopping) return;
  }
}

/// Takes what there is to take; how long until there may be more.
std::chrono::nanoseconds Scheduler::State::claim_all() {
  // By the new time the leases of what runs here seem to have run out, or to last for a day.
  if (clock_was_set()) renew_leases(running_now());
  for (;;) {
    {
      const std::lock_guard lock(mutex);
      if (stopping) return kLongestWait;
      const auto busy =
          std::count_if(running.begin(), running.end(), [](const auto& one) { return !one.second.done; });
      if (busy >= options.running_jobs) return kLongestWait;  // the end of one wakes us
    }
    auto claimed = store.jobs().claim(clock.now(), options.owner, limits());
    if (!claimed) return kWaitAfterError;
    if (!*claimed) break;
    start_job(std::move(**claimed));
  }
  const auto due = store.jobs().next_due(clock.now());
  if (!due) return kWaitAfterError;
  if (!*due) return kLongestWait;
  const std::chrono::nanoseconds until = **due - clock.now();
  return std::clamp<std::chrono::nanoseconds>(until, std::chrono::milliseconds(1), kLongestWait);
}

void Scheduler::State::start_job(jobs::Job job) {
  const std::lock_guard lock(mutex);
  if (!make_room(job.id)) return;
  Running& one = enter(job);
  one.thread = std::thread(
      [this, job = std::move(job), control = one.control]() mutable { run_jobs(std::move(job), control); });
}

/// Under the mutex: false where the job still runs here.
bool Scheduler::State::make_room(const JobId& id) {
  const auto old = running.find(id);
  if (old == running.end()) return true;
  // A job that was lost here and comes back: its old thread ends first.
  if (!old->second.done) return false;  // the lease runs out again, and it is taken then
  old->second.thread.join();
  running.erase(old);
  return true;
}

/// Under the mutex: a job that begins, as yet without its thread.
Scheduler::State::Running& Scheduler::State::enter(const jobs::Job& job) {
  const auto control = std::make_shared<JobControl>(Context(clock));
  if (stopping) control->stop(StopReason::shutdown);
  keeper_woken = true;
  keeper_changed.notify_all();
  return running.emplace(job.id, Running{job.epoch, job.stop, control, {}, false}).first->second;
}

void Scheduler::State::run_jobs(jobs::Job job, std::shared_ptr<JobControl> control) {
  yield_to_others();
  for (;;) {
    std::optional<jobs::Job> next = run(job, *control);
    const std::lock_guard lock(mutex);
    if (!next || !make_room(next->id)) {
      running[job.id].done = true;
      woken = true;
      changed.notify_all();
      return;
    }
    Running& one = enter(*next);
    one.thread = std::move(running[job.id].thread);
    running.erase(job.id);
    control = one.control;
    job = *std::move(next);
  }
}

/// Returns the job that was taken with its end.
std::optional<jobs::Job> Scheduler::State::run(const jobs::Job& job, JobControl& control) {
  std::optional<jobs::Job> next;
  bool ended = false;
  (void)without_exceptions("running a job", [&]() -> Result<void> {
    const EndJob end_job = [&](const jobs::Job& held, const jobs::Ending& ending) {
      return end(held, ending, next);
    };
    const auto done = JobRun(job, options, store, board, *indexer, control, end_job).run();
    ended = done && is_final(done->state);
    return {};
  });
  // Lost, released, or its end could not be written: the store knows better.
  if (!ended) board.forget(job.id);
  return next;
}

Result<jobs::Job> Scheduler::State::end(const jobs::Job& job, const jobs::Ending& ending,
                                        std::optional<jobs::Job>& next) {
  bool go_on = ending.event != jobs::Event::release;
  {
    const std::lock_guard lock(mutex);
    go_on = go_on && !stopping;
  }
  if (!go_on) return store.jobs().end(job.id, job.epoch, ending);
  WB_TRY(auto both,
         store.jobs().end_and_claim(job.id, job.epoch, ending, clock.now(), options.owner, limits()));
  next = std::move(both.next);
  return std::move(both.ended);
}

void Scheduler::State::join_done() {
  std::vector<std::thread> done;
  {
    const std::lock_guard lock(mutex);
    for (auto at = running.begin(); at != running.end();) {
      if (!at->second.done) {
        ++at;
        continue;
      }
      done.push_back(std::move(at->second.thread));
      at = running.erase(at);
    }
  }
  for (std::thread& thread : done) thread.join();
}

std::vector<Scheduler::State::Kept> Scheduler::State::running_now() {
  const std::lock_guard lock(mutex);
  std::vector<Kept> list;
  for (const auto& [id, one] : running) {
    if (!one.done) list.push_back({id, one.epoch, one.stop, one.control});
  }
  return list;
}

void Scheduler::State::keep() {
  for (;;) {
    const auto wait = until_next_keeping();
    {
      std::unique_lock lock(mutex);
      keeper_changed.wait_for(lock, wait, [&] { return keeper_woken; });
      keeper_woken = false;
      if (stopping && running.empty()) return;
    }
    (void)without_exceptions("keeping leases", [&]() -> Result<void> {
      keep_once();
      return {};
    });
  }
}

std::chrono::nanoseconds Scheduler::State::until_next_keeping() {
  std::chrono::nanoseconds wait = next_renewal - clock.steady();
  for (const Kept& one : running_now()) {
    const bool to_stop = one.stop && one.control->reason() == StopReason::none;
    if (to_stop) wait = std::min<std::chrono::nanoseconds>(wait, *one.stop - clock.now());
  }
  return std::max<std::chrono::nanoseconds>(wait, std::chrono::milliseconds(1));
}

void Scheduler::State::keep_once() {
  const auto list = running_now();
  for (const Kept& one : list) {
    if (one.stop && clock.now() >= *one.stop) one.control->stop(StopReason::stop_time);
  }
  if (clock.steady() < next_renewal) return;
  next_renewal = clock.steady() + options.lease / kRenewals;
  renew_leases(list);
}

bool Scheduler::State::clock_was_set() {
  constexpr std::chrono::nanoseconds kJump = std::chrono::seconds(1);
  const std::chrono::nanoseconds ahead = clock.now().time_since_epoch() - clock.steady();
  const std::chrono::nanoseconds moved = ahead - std::exchange(wall_ahead, ahead);
  return moved > kJump || moved < -kJump;
}

void Scheduler::State::renew_leases(const std::vector<Kept>& list) {
  for (const Kept& one : list) {
    const auto answer = store.jobs().renew(one.id, one.epoch, clock.now() + options.lease);
    if (!answer) {
      // Otherwise the store is away: every commit is checked against the epoch, so going on does no harm.
      if (answer.error().code == ErrorCode::lease_lost) one.control->stop(StopReason::lost);
      continue;
    }
    if (answer->cancel_requested) one.control->stop(StopReason::cancel, answer->cancel_requested_by);
  }
}

Scheduler::Scheduler(Options options, storage::Store& store, jobs::StatusBoard& board, const Clock& clock)
    : state_(std::make_unique<State>(std::move(options), store, board, clock)) {}

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::start() {
  const std::lock_guard start_lock(state_->start_mutex);
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->started) return;
    state_->started = true;
    state_->stopping = false;
  }
  State* const state = state_.get();
  state->last_round = state->clock.steady().count();
  state->indexer = std::make_unique<Indexer>(state->store);
  state->scheduler_thread = std::thread([state] { state->schedule(); });
  state->keeper_thread = std::thread([state] { state->keep(); });
}

void Scheduler::wake() {
  const std::lock_guard lock(state_->mutex);
  state_->woken = true;
  state_->changed.notify_all();
  state_->keeper_woken = true;
  state_->keeper_changed.notify_all();
}

void Scheduler::cancel(const JobId& id) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->running.find(id);
  if (found != state_->running.end()) found->second.control->stop(StopReason::cancel);
}

void Scheduler::stop() {
  const std::lock_guard start_lock(state_->start_mutex);
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->started) return;
    state_->stopping = true;
    for (auto& [id, one] : state_->running) one.control->stop(StopReason::shutdown);
    state_->changed.notify_all();
  }
  state_->scheduler_thread.join();
  for (;;) {  // the keeper goes on renewing while jobs write their last batch
    std::thread thread;
    {
      const std::lock_guard lock(state_->mutex);
      const auto one = std::find_if(state_->running.begin(), state_->running.end(),
                                    [](const auto& entry) { return entry.second.thread.joinable(); });
      if (one == state_->running.end()) break;
      thread = std::move(one->second.thread);
    }
    thread.join();
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->running.clear();
    state_->keeper_woken = true;
    state_->keeper_changed.notify_all();
  }
  state_->keeper_thread.join();
  state_->indexer.reset();
  const std::lock_guard lock(state_->mutex);
  state_->started = false;
}

bool Scheduler::alive() const {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->started || state_->stopping) return false;
  }
  const std::chrono::nanoseconds last(state_->last_round.load());
  return state_->clock.steady() - last < kAliveWithin;
}

int Scheduler::running() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<int>(std::count_if(state_->running.begin(), state_->running.end(),
                                        [](const auto& one) { return !one.second.done; }));
}

}  // namespace waybill::worker
