#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/ids.h"
#include "base/result.h"
#include "report/finding.h"
#include "report/report_store.h"

namespace waybill::worker {

/// The name that the contract gives a job's log (section 4).
std::string log_name(const JobId& id);

/// A job's log as a file on the server: a projection of the store's entries, made anew at each start and
/// whenever it could not be written, so that it never says more or less than they do. One thread.
class JobLog {
 public:
  /// An empty `folder`: no file is kept, and every call does nothing.
  JobLog(std::filesystem::path folder, JobId id);

  /// Writes the file from the store's entries and opens it for more. Errors: of the store, no_space, io.
  Result<void> rebuild(report::ReportStore& reports);
  /// Entries that have been committed. A failure is made good by complete().
  void append(const std::vector<report::LogEntry>& entries);
  /// The file holds every entry and, behind them, the closing line that the job's end is about to write;
  /// durably. Errors: as rebuild().
  Result<void> complete(report::ReportStore& reports, const report::LogEntry& closing);

  bool kept() const { return !folder_.empty(); }
  std::filesystem::path path() const { return folder_ / log_name(id_); }

  /// What rebuild() has seen: findings about the package as a whole, and the one about unused files.
  bool has_package_findings() const { return has_package_findings_; }
  bool has_unused_remark() const { return has_unused_remark_; }

 private:
  Result<void> write_entries(report::ReportStore& reports, int fd);
  void look_at(const report::LogEntry& entry);

  std::filesystem::path folder_;
  JobId id_;
  FileDescriptor file_;
  bool broken_ = true;
  bool has_package_findings_ = false;
  bool has_unused_remark_ = false;
};

}  // namespace waybill::worker
