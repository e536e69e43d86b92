#pragma once

#include <array>
#include <atomic>
#include <string>

#include "jobs/job.h"
#include "observe/metrics.h"
#include "storage/store.h"

namespace waybill::app {

/// What a running server counts, and how GET /metrics tells it. Any thread.
class Metrics {
 public:
  observe::RequestMetrics& requests() { return requests_; }
  /// Items that a job has processed since the last call for it.
  void processed(jobs::JobType type, const jobs::Counts& more);
  /// An article's body was checked, or an earlier check of it taken over.
  void body_judged(bool recalled) { ++(recalled ? bodies_recalled_ : bodies_checked_); }

  struct Now {
    int running_jobs = 0;
    std::size_t event_streams = 0;
    bool healthy = false;
    Time started{};
  };
  /// Prometheus' text. What the store cannot tell at the moment is left out.
  std::string text(storage::Store& store, const Now& now) const;

 private:
  observe::RequestMetrics requests_;
  struct Items {
    std::atomic<std::int64_t> successful{0}, warnings{0}, errors{0};
  };
  std::array<Items, jobs::kJobTypes> items_;
  std::atomic<std::int64_t> bodies_checked_{0}, bodies_recalled_{0};
};

}  // namespace waybill::app
