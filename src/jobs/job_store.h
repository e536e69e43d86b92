#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "jobs/job.h"

namespace waybill::jobs {

/// RFC draft Idempotency-Key: the same key of the same client with the same body within 24 hours is the same
/// job.
struct IdempotencyKey {
  std::string key;
  std::string request_hash;  // SHA-256 of operation and body, 32 bytes
};

struct Created {
  JobId id;
  bool replayed = false;  // an earlier request with this key made it
};

struct JobFilter {
  std::optional<Department> department;  // nullopt: all of them
  std::optional<State> state;
  std::optional<JobType> type;
  std::string text;            // in the source's path, the id or the error; ASCII letters in either case
  std::optional<Time> from;    // created at this time or later
  std::optional<Time> to;      // created before this time
  std::optional<JobId> after;  // the last one seen; newest first
  std::size_t limit = 50;
};

struct JobCount {
  JobType type = JobType::import;
  State state = State::scheduled;
  std::int64_t jobs = 0;
};

struct ClaimLimits {
  int running_jobs = 4;  // per worker process
  Milliseconds lease{10'000};
};

/// How a job ends, or is let go.
struct Ending {
  Event event = Event::finish;  // finish, fail, cancel or release
  Time at{};
  std::string error;         // fail
  bool retryable = false;    // fail
  std::string log_location;  // where the log was put; empty: unchanged
  std::string note = {};     // the log's closing line, written in the same step; empty: none
};

/// An end, and what its worker goes on with.
struct EndedAndNext {
  Job ended;
  std::optional<Job> next;  // nullopt: none that could be taken in the same step; claim() may find one
};

/// What a worker learns when it renews.
struct LeaseAnswer {
  bool cancel_requested = false;
  std::string cancel_requested_by;
};

/// Keeps jobs. Every write is durable when it returns. Any thread. Common errors: unavailable, no_space, io.
class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Errors: conflict (the key was used with another body), already_exists (the job has an undo that stands
  /// and has left nothing, or may still go on).
  virtual Result<Created> create(const Job& job, const std::optional<IdempotencyKey>& key) = 0;
  /// Errors: not_found.
  virtual Result<Job> get(const JobId& id) = 0;
  /// Those that are there, in any order. Credentials are left empty.
  virtual Result<std::vector<Job>> get_all(const std::vector<JobId>& ids);
  /// Newest first. Credentials are left empty.
  virtual Result<std::vector<Job>> list(const JobFilter& filter) = 0;

  /// The undo by which a job is taken back: its latest, unless since then an undo of it was itself undone.
  virtual Result<std::optional<Job>> undo_of(const JobId& id) = 0;
  /// How many jobs there are of each type in each state.
  virtual Result<std::vector<JobCount>> counts() = 0;
  /// Jobs of a client that have not ended.
  virtual Result<std::int64_t> unfinished(const ClientId& client) = 0;

  /// Takes the oldest job that is due, or whose lease ran out: Event::claim with a new epoch. At most one
  /// import a department is in progress; validations are not counted. nullopt where there is none to take.
  virtual Result<std::optional<Job>> claim(Time now, const std::string& owner, const ClaimLimits& limits) = 0;
  /// The next moment at which claim() may find one that it does not find now: a due time or the end of a
  /// lease.
  virtual Result<std::optional<Time>> next_due(Time now) = 0;
  /// For a process that has the store to itself, at its start: the leases of those before it end now, so that
  /// their jobs go on at once. Returns how many.
  virtual Result<std::int64_t> end_leases() = 0;
  /// Errors: lease_lost.
  virtual Result<LeaseAnswer> renew(const JobId& id, Epoch epoch, Time until) = 0;

  /// Scheduled and not claimed: Cancelled at once, with its log entry. In progress: the request is noted.
  /// Returns the state after it. Errors: not_found, conflict (ended).
  virtual Result<State> request_cancel(const JobId& id, const ClientId& by, Time at) = 0;

  /// Ends or releases the job, and writes its log's closing line, in one step: a crash leaves both or
  /// neither. Credentials are wiped on an end. Errors: lease_lost; cancelled (a finish, and a cancel was
  /// acknowledged before it: end it by that).
  virtual Result<Job> end(const JobId& id, Epoch epoch, const Ending& ending) = 0;
  /// end() of a job that is over for good, and in the same step claim() by its worker of another one: where a
  /// queue waits, a job costs one durable write and not two. Errors: those of end(), and nothing is taken.
  virtual Result<EndedAndNext> end_and_claim(const JobId& id, Epoch epoch, const Ending& ending, Time now,
                                             const std::string& owner, const ClaimLimits& limits) = 0;
  /// Failed and retryable, or Cancelled → Scheduled, keeping position and counts. The end has wiped the
  /// credentials: `credentials` are those of the next run. Errors: not_found, conflict
  /// (also where an undo has taken the job back).
  virtual Result<Job> retry(const JobId& id, const ClientId& by, Time at, const Secret& credentials) = 0;

  /// Removes a job that ended before that time, with its findings, its log and what it recorded of its items,
  /// in steps that are each short: the oldest on which no later job stands (its undo, its repair). What it
  /// wrote into the knowledge base stays. Returns which; nullopt where there is none.
  virtual Result<std::optional<JobId>> prune(Time ended_before) = 0;
};

}  // namespace waybill::jobs
