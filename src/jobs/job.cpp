#include "jobs/job.h"

#include "jobs/status_board.h"

namespace waybill::jobs {

std::string_view to_string(JobType type) {
  switch (type) {
    case JobType::import:
      return "Import";
    case JobType::validation:
      return "Validation";
    case JobType::undo:
      return "Undo";
  }
  return "";
}

std::optional<JobType> parse_job_type(std::string_view text) {
  for (std::size_t i = 0; i < kJobTypes; ++i) {
    if (text == to_string(static_cast<JobType>(i))) return static_cast<JobType>(i);
  }
  return std::nullopt;
}

std::string_view to_string(Operation operation) {
  return operation == Operation::import ? "import" : "reimport";
}

std::string_view to_string(SourceType type) {
  return type == SourceType::s3 ? "AWS S3 bucket" : "Shared file path";
}

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::waiting:
      return "Waiting for a worker";
    case Phase::fetching:
      return "Fetching package";
    case Phase::reading:
      return "Reading package";
    case Phase::processing:
      return "Processing content items";
    case Phase::linking:
      return "Linking topics and portals";
    case Phase::indexing:
      return "Updating search index";
  }
  return "";
}

bool has_left_something(const Job& undo) {
  if (undo.state == State::failed) return !undo.retryable;
  return undo.state == State::successful && undo.counts.errors > 0;
}

Status status_of(const Job& job) {
  Status status;
  status.id = job.id;
  status.department = job.department;
  status.type = job.type;
  status.state = job.state;
  status.phase = job.phase;
  status.due = job.due;
  status.stop = job.stop;
  status.started = job.started;
  status.ended = job.ended;
  status.total = job.total;
  status.counts = job.counts;
  status.log_location = job.log_location;
  status.error = job.error;
  status.retryable = job.retryable;
  status.cancel_requested = job.cancel_requested.has_value();
  status.version = job.version * kVersionsPerChange;
  return status;
}

}  // namespace waybill::jobs
