#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "jobs/job.h"

namespace waybill::jobs {

/// A job's row that changes once leaves room for so many snapshots of its owner's until it changes again (a
/// new estimate, say), so that what the store tells and what the owner publishes never share a version.
inline constexpr std::int64_t kVersionsPerChange = 1 << 20;

/// What a poll shows, ready made (contract, section 2). Immutable once published.
struct Status {
  JobId id;
  Department department;
  JobType type = JobType::import;
  State state = State::scheduled;
  Phase phase = Phase::waiting;
  Time due{};
  std::optional<Time> stop;
  std::optional<Time> started;
  std::optional<Time> ended;
  std::optional<std::int64_t> total;
  Counts counts;
  std::string log_location;
  std::optional<Time> estimated_completion;
  std::optional<double> rate;  // items a second, while in progress and once known
  std::string error;
  bool retryable = false;
  bool cancel_requested = false;
  std::int64_t version = 0;  // differs whenever anything above differs: the ETag
};

/// A job's row as a status, without an estimate; its version is the row's times kVersionsPerChange.
Status status_of(const Job& job);

/// The statuses of the jobs that this process owns, and lately ended ones: a poll copies a pointer. Where
/// other processes work on the same jobs, a StatusFollower keeps theirs fresh that somebody asks for. Any
/// thread. Within a job `processed` never falls and a final state stays, whatever is published (but for a new
/// epoch after retry): a publication that would go back is dropped. The oldest of more than kEndedKept ended
/// jobs are forgotten.
class StatusBoard {
 public:
  static constexpr std::size_t kEndedKept = 10'000;

  StatusBoard();
  ~StatusBoard();
  StatusBoard(const StatusBoard&) = delete;
  StatusBoard& operator=(const StatusBoard&) = delete;

  /// By the job's owner.
  void publish(Status status);
  /// From the job's row, by whoever has read it.
  void publish_row(const Job& job) { publish_row(status_of(job)); }
  void publish_row(Status status);
  /// Null where nothing is known here: ask the store.
  std::shared_ptr<const Status> find(const JobId& id) const;
  /// Forgets it (released, or too long ended), so that the store is asked again.
  void forget(const JobId& id);

  /// The jobs without an owner in this process that somebody waits for or has asked for within `time`; what
  /// is shown of the other ones is forgotten.
  std::vector<JobId> followed(std::chrono::nanoseconds time);

  /// `changed` is called once, from the publishing thread, as soon as the job's `state` differs from `from`:
  /// at once if it does already. It must not block. Returns a handle for unwatch(), after which it is not
  /// running and never will.
  std::uint64_t watch(const JobId& id, State from, std::function<void()> changed);
  void unwatch(std::uint64_t handle);

  /// `changed` is called, from the publishing thread, after each publication of the job that counts, until
  /// unsubscribe() has returned. It must not block.
  std::uint64_t subscribe(const JobId& id, std::function<void()> changed);
  void unsubscribe(const JobId& id, std::uint64_t handle);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace waybill::jobs
