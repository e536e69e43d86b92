#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "jobs/job.h"
#include "jobs/status_board.h"
#include "package/file_tree.h"
#include "source/source.h"
#include "storage/store.h"

namespace waybill::worker {

/// The rules by which this program checks bodies: a hash over the sources that they consist of, so that no
/// change of them can be forgotten (body_rules.cmake).
std::string_view body_rules();

struct Options {
  std::string owner;  // this process, unique among all that share the store
  int running_jobs = 4;
  int checkers = 2;  // threads that check items, for each job
  std::size_t batch_items = 500;
  std::size_t batch_bytes = 8U << 20;
  Milliseconds batch_time{200};
  Milliseconds lease{10'000};
  std::uint64_t max_items_per_second = 0;
  bool wait_for_index = true;
  bool keep_contents = true;  // validations keep what they would have written, for previews
  /// What the rules for bodies are known by: checks by others are made again (body_check.h).
  std::string body_rules = std::string(worker::body_rules());
  /// Called for each article's body that was judged, `recalled` where an earlier check of it was taken over.
  /// May be empty; any of the jobs' threads.
  std::function<void(bool recalled)> body_judged = {};
  /// Called after each commit with what it has processed. May be empty; any of the jobs' threads.
  std::function<void(jobs::JobType, const jobs::Counts&)> processed = {};
  package::Limits limits;
  std::filesystem::path log_folder;  // jobs' logs grow here
  /// Where a job's log can be fetched from the server itself, for sources that take none.
  std::function<std::string(const JobId&)> server_log_location;
  std::function<bool(const Department&, std::string_view language)> language_enabled;
  /// Makes the source of a job. Errors: invalid_argument, permission_denied, not_found, unavailable,
  /// cancelled.
  std::function<Result<std::unique_ptr<source::Source>>(const jobs::Job&, const Context&)> open_source;
};

/// Takes due jobs, runs each on threads of its own, resumes those whose worker died. One for a process.
class Scheduler {
 public:
  Scheduler(Options options, storage::Store& store, jobs::StatusBoard& board, const Clock& clock);
  ~Scheduler();  // stop()
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  void start();
  /// A job was made, cancelled or retried: look now. Any thread.
  void wake();
  /// Asks a job that runs here to stop; nothing where it does not. The store has the request already. Any
  /// thread.
  void cancel(const JobId& id);
  /// Takes no new job, finishes open batches, releases the jobs. Any thread, more than once.
  void stop();
  /// True while the scheduler's threads do their rounds: for health.
  bool alive() const;
  int running() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Runs one claimed job to its end on the calling thread (and checkers of its own): all that the scheduler
/// does for one job. Also what `waybill validate PATH` calls without a server. Errors: lease_lost; everything
/// else ends the job.
Result<jobs::Job> run_job(const jobs::Job& job, const Options& options, storage::Store& store,
                          jobs::StatusBoard& board, const Context& context);

}  // namespace waybill::worker
