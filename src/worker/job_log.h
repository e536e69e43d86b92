#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/files.h"
#include "base/ids.h"
#include "base/result.h"
#include "report/report_store.h"

namespace waybill::worker {

/// The name of a job's log: "import-logs-{JOB_ID}.txt".
std::string log_name(const JobId& job);

/// A job's log as a file: a projection of the entries in the store, made anew when a job is taken, then
/// appended to after each commit. The lines of the end stand in the file alone: they follow from the job's
/// row. One thread.
class JobLog {
 public:
  /// Errors: those of the store; permission_denied, no_space, io.
  static Result<JobLog> open(const std::filesystem::path& folder, const JobId& job,
                             report::ReportStore& reports);

  Result<void> append(std::span<const report::LogEntry> entries);
  const std::filesystem::path& path() const { return path_; }

 private:
  JobLog(std::filesystem::path path, FileDescriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  std::filesystem::path path_;
  FileDescriptor file_;
};

}  // namespace waybill::worker
