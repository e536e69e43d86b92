#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "worker/indexer.h"
#include "worker/job_run.h"
#include "worker/worker.h"

namespace waybill::worker {

namespace {
// After an error of the store, and at the latest after so long, the scheduler looks again.
constexpr std::chrono::milliseconds kLookAgain{1'000};
}  // namespace

Result<jobs::Job> run_job(const jobs::Job& job, const Options& options, storage::Store& store,
                          jobs::StatusBoard& board, const Context& context) {
  Indexer indexer(store);
  return JobRun(job, options, store, board, indexer, context).run();
}

struct Scheduler::State {
  struct Running {
    jobs::Job job;
    Context context;
    std::thread thread;
    bool done = false;
  };

  State(Options o, storage::Store& s, jobs::StatusBoard& b, const Clock& c)
      : options(std::move(o)), store(s), board(b), clock(c), indexer(s) {}

  const Options options;
  storage::Store& store;
  jobs::StatusBoard& board;
  const Clock& clock;
  Indexer indexer;

  std::mutex mutex;
  std::condition_variable look, renew;
  bool asked = true;  // wake() was called since the last look
  bool stopping = false;
  std::list<Running> running;  // a list: the threads hold references to their entries
  std::atomic<bool> alive{false};
  std::thread claimer, renewer;

  void claim_loop();
  bool claim_one();
  void start(jobs::Job job);
  void run(Running& entry);
  void join_done(std::unique_lock<std::mutex>& lock);
  std::chrono::milliseconds until_next();
  void renew_loop();
  void renew_all(std::unique_lock<std::mutex>& lock);
};

Scheduler::Scheduler(Options options, storage::Store& store, jobs::StatusBoard& board, const Clock& clock)
    : state_(std::make_unique<State>(std::move(options), store, board, clock)) {}

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::start() {
  state_->alive = true;
  state_->claimer = std::thread([this] { state_->claim_loop(); });
  state_->renewer = std::thread([this] { state_->renew_loop(); });
}

void Scheduler::wake() {
  const std::lock_guard lock(state_->mutex);
  state_->asked = true;
  state_->look.notify_all();
}

void Scheduler::cancel(const JobId& id) {
  const std::lock_guard lock(state_->mutex);
  for (auto& entry : state_->running) {
    if (entry.job.id == id) entry.context.cancel();
  }
}

bool Scheduler::alive() const {
  return state_->alive;
}

int Scheduler::running() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<int>(std::count_if(state_->running.begin(), state_->running.end(),
                                        [](const State::Running& entry) { return !entry.done; }));
}

void Scheduler::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    for (auto& entry : state_->running) entry.context.cancel();
  }
  state_->look.notify_all();
  if (state_->claimer.joinable()) state_->claimer.join();
  {
    std::unique_lock lock(state_->mutex);
    state_->look.wait(lock, [this] {
      return std::all_of(state_->running.begin(), state_->running.end(),
                         [](const State::Running& entry) { return entry.done; });
    });
    state_->join_done(lock);
  }
  state_->renew.notify_all();
  if (state_->renewer.joinable()) state_->renewer.join();
  state_->alive = false;
}

void Scheduler::State::join_done(std::unique_lock<std::mutex>& lock) {
  std::list<Running> finished;
  for (auto it = running.begin(); it != running.end();) {
    const auto next = std::next(it);
    if (it->done) finished.splice(finished.end(), running, it);
    it = next;
  }
  lock.unlock();
  for (auto& entry : finished) entry.thread.join();
  lock.lock();
}

void Scheduler::State::claim_loop() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    asked = false;
    join_done(lock);
    const bool free_slot = running.size() < static_cast<std::size_t>(options.running_jobs);
    if (free_slot) {
      lock.unlock();
      const bool claimed = claim_one();
      lock.lock();
      if (claimed) continue;
    }
    lock.unlock();
    const auto wait = free_slot ? until_next() : kLookAgain;
    lock.lock();
    look.wait_for(lock, wait, [this] { return asked || stopping; });
  }
}

bool Scheduler::State::claim_one() {
  const jobs::ClaimLimits limits{options.running_jobs, options.lease};
  auto claimed = store.jobs().claim(clock.now(), options.owner, limits);
  if (!claimed || !claimed->has_value()) return false;
  start(std::move(**claimed));
  return true;
}

void Scheduler::State::start(jobs::Job job) {
  const std::lock_guard lock(mutex);
  auto& entry = running.emplace_back(Running{std::move(job), Context(clock), {}, false});
  if (stopping) entry.context.cancel();
  entry.thread = std::thread([this, &entry] { run(entry); });
}

void Scheduler::State::run(Running& entry) {
  const auto ended = JobRun(entry.job, options, store, board, indexer, entry.context).run();
  // Lost to another worker, or let go: the store knows better from now on.
  if (!ended || !jobs::is_final(ended->state)) board.forget(entry.job.id);
  const std::lock_guard lock(mutex);
  entry.done = true;
  asked = true;
  look.notify_all();
}

std::chrono::milliseconds Scheduler::State::until_next() {
  const Time now = clock.now();
  const auto due = store.jobs().next_due(now);
  if (!due || !due->has_value()) return kLookAgain;
  return std::clamp<std::chrono::milliseconds>(**due - now, std::chrono::milliseconds(1), kLookAgain);
}

void Scheduler::State::renew_loop() {
  std::unique_lock lock(mutex);
  const auto over = [this] { return stopping && running.empty(); };
  while (!over()) {
    renew.wait_for(lock, options.lease / 3, over);
    renew_all(lock);
  }
}

void Scheduler::State::renew_all(std::unique_lock<std::mutex>& lock) {
  struct Lease {
    JobId id;
    Epoch epoch;
    Context context;
  };
  std::vector<Lease> leases;
  for (const auto& entry : running) {
    if (!entry.done) leases.push_back({entry.job.id, entry.job.epoch, entry.context});
  }
  lock.unlock();
  for (const auto& lease : leases) {
    const auto answer = store.jobs().renew(lease.id, lease.epoch, clock.now() + options.lease);
    // A store that is away is asked again at the next round; the lease lasts three of them.
    const bool lost = !answer && answer.error().code == ErrorCode::lease_lost;
    if (lost || (answer && answer->cancel_requested)) lease.context.cancel();
  }
  lock.lock();
}

}  // namespace waybill::worker
