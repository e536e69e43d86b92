#pragma once

#include <map>
#include <mutex>

#include "api/services.h"
#include "app/sources.h"
#include "base/cancel.h"
#include "base/ids.h"
#include "http/pool.h"
#include "jobs/job.h"
#include "package/file_tree.h"

namespace waybill::app {

/// Sources that clients ask about before they submit a job. These go to other machines and wait for them, so
/// they have threads of their own: few at once, none for long, and never all of them for one department. Any
/// thread.
class SourceTrials {
 public:
  /// The references outlive it.
  SourceTrials(const Sources& sources, const package::Limits& limits, const Clock& clock);
  ~SourceTrials() { stop(); }
  SourceTrials(const SourceTrials&) = delete;
  SourceTrials& operator=(const SourceTrials&) = delete;

  /// As Services::try_source.
  void start(const jobs::DataSource& source, const Department& department, const api::SourceTried& done);
  /// Ends those under way; the others are never answered.
  void stop();

 private:
  Result<std::vector<api::SourceCheck>> run(const jobs::DataSource& source, const Department& department);
  bool admit(const Department& department);
  void leave(const Department& department);

  const Sources& sources_;
  const package::Limits limits_;
  const Context context_;
  http::Pool pool_;
  std::mutex mutex_;
  std::map<Department, int> under_way_;  // guarded by mutex_; also those that wait
};

}  // namespace waybill::app
