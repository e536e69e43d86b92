#include "worker/progress.h"

namespace waybill::worker {

Progress::Progress(jobs::StatusBoard& board, const jobs::Job& job, const Clock& clock)
    : board_(board), clock_(clock), status_(status_of(job)), row_version_(job.version) {
  publish();
}

void Progress::phase(jobs::Phase phase) {
  status_.phase = phase;
  publish();
}

void Progress::committed(const jobs::Counts& counts, std::optional<std::int64_t> total,
                         const std::string& log_location) {
  ++row_version_;  // as the row's own version grew
  status_.counts = counts;
  status_.total = total;
  if (!log_location.empty()) status_.log_location = log_location;
  if (total) estimator_.observe(clock_.steady(), counts.processed(), *total);
  publish();
}

void Progress::refresh() {
  if (clock_.steady() - published_ >= std::chrono::seconds(1)) publish();
}

void Progress::ended(const jobs::Job& job) {
  board_.publish(status_of(job));
}

void Progress::publish() {
  published_ = clock_.steady();
  status_.rate = estimator_.rate();
  status_.estimated_completion = estimator_.completion(clock_.now(), published_);
  // Between two versions of the row, and different for each snapshot (jobs/status_board.h).
  status_.version = row_version_ * jobs::kVersionsPerChange + ++snapshots_;
  board_.publish(status_);
}

}  // namespace waybill::worker
