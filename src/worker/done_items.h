#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/store.h"
#include "worker/package_reading.h"

namespace waybill::worker {

/// What a job, and the jobs that it repairs, have brought in: what a repair leaves out. Empty for other jobs.
/// One thread.
class DoneItems {
 public:
  /// Of `job` and of those that it repairs. Errors: as ItemStore, JobStore.
  Result<void> load(storage::Store& store, const JobId& job);

  /// About how many items of the package are done: by name, so that an article in two languages counts for
  /// both.
  std::int64_t count_in(const PackageReading& package) const;
  /// True where the item is done; once for each, so that a second one of the same name is judged.
  bool take(report::ItemKind kind, std::string_view path, std::string_view language = {});

 private:
  std::map<NameKey, storage::ItemRecord> items_;
};

}  // namespace waybill::worker
