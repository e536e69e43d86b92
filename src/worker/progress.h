#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "jobs/estimate.h"
#include "jobs/job.h"
#include "jobs/status_board.h"

namespace waybill::worker {

/// What a poll sees of a running job: what was committed, never more, so that it cannot go back even where
/// the process dies. One thread, the writer's.
class Progress {
 public:
  Progress(jobs::StatusBoard& board, const jobs::Job& job, const Clock& clock);

  void phase(jobs::Phase phase);
  /// After a commit that set these.
  void committed(const jobs::Counts& counts, std::optional<std::int64_t> total,
                 const std::string& log_location);
  /// A new estimate where the last was published more than a second ago.
  void refresh();
  /// The job's row after its end.
  void ended(const jobs::Job& job);

 private:
  void publish();

  jobs::StatusBoard& board_;
  const Clock& clock_;
  jobs::Status status_;
  jobs::Estimator estimator_;
  std::int64_t row_version_;
  std::int64_t snapshots_ = 0;
  std::chrono::nanoseconds published_{};
};

}  // namespace waybill::worker
