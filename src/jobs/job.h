#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "jobs/state.h"

namespace waybill::jobs {

/// An undo takes back what an import, or another undo, has done.
enum class JobType : std::uint8_t { import, validation, undo };
inline constexpr std::size_t kJobTypes = 3;
std::string_view to_string(JobType type);  // "Import", "Validation", "Undo"
std::optional<JobType> parse_job_type(std::string_view text);

/// What an import does with what is there; a validation reports what `import` would do unless told otherwise.
enum class Operation : std::uint8_t { import, reimport };
std::string_view to_string(Operation operation);  // "import", "reimport"

enum class SourceType : std::uint8_t { s3, shared_path };
std::string_view to_string(SourceType type);  // "AWS S3 bucket", "Shared file path"

/// Where a package lies (contract, section 2). Never printed whole: `credentials` holds what opens it.
struct DataSource {
  SourceType type = SourceType::shared_path;
  std::string path;  // URI without user info
  std::string region;
  Secret credentials;  // JSON of the request's credentials object; empty where none were given
};

/// Each processed item is in exactly one of the three.
struct Counts {
  std::int64_t successful = 0;
  std::int64_t warnings = 0;
  std::int64_t errors = 0;
  std::int64_t processed() const { return successful + warnings + errors; }
  bool operator==(const Counts&) const = default;
};

/// What people see of a running job's step.
enum class Phase : std::uint8_t { waiting, fetching, reading, processing, linking, indexing };
/// "Waiting for a worker", "Fetching package", "Reading package", "Processing content items",
/// "Linking topics and portals", "Updating search index".
std::string_view to_string(Phase phase);

/// A job as it stands in the store.
struct Job {
  /// Writes to the knowledge base: at most one such job a department is in progress.
  bool writes() const { return type != JobType::validation; }

  JobId id;
  Department department;
  ClientId client;
  JobType type = JobType::import;
  Operation operation = Operation::import;
  DataSource source;  // of an undo: without a path
  std::optional<JobId>
      target;               // undo: the job that is taken back; import: the one whose failed items it runs
  std::string traceparent;  // W3C trace context of the request, may be empty

  Time created{};
  Time due{};                // scheduleTime.date, or when it was accepted
  std::optional<Time> stop;  // scheduleTime.stopDate

  State state = State::scheduled;
  Phase phase = Phase::waiting;
  std::optional<Time> started;  // when work began, first claim
  std::optional<Time> ended;
  std::optional<std::int64_t> total;  // once known
  Counts counts;
  std::int64_t position = 0;   // items processed so far, in the fixed order: where a resume goes on
  std::string source_version;  // what the package was when reading began: a resume refuses another
  std::string log_location;    // once started
  std::string error;           // Failed: one sentence
  bool retryable = false;      // Failed

  Epoch epoch{0};     // grows with each claim
  std::string owner;  // worker that holds the lease; empty where none
  std::optional<Time> lease_until;
  std::optional<Time> cancel_requested;
  std::string cancel_requested_by;  // client id

  std::int64_t version = 0;  // grows with each change that a status shows: the ETag stands on it
};

/// Whether an undo is over for good and did not take everything back: another undo of the same job may do it.
bool has_left_something(const Job& undo);

}  // namespace waybill::jobs
