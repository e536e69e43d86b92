#include "worker/job_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

namespace waybill::worker {

namespace {
constexpr std::size_t kPage = 1'000;  // entries read from the store at a time
}

std::string log_name(const JobId& job) {
  return "import-logs-" + to_string(job) + ".txt";
}

Result<JobLog> JobLog::open(const std::filesystem::path& folder, const JobId& job,
                            report::ReportStore& reports) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return errno_error("cannot make the folder " + folder.string(), failed.value());
  const auto path = folder / log_name(job);
  const auto fresh = folder / (log_name(job) + ".new");
  FileDescriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!file) return errno_error("cannot make " + fresh.string(), errno);
  JobLog log(path, std::move(file));
  for (std::int64_t after = 0;;) {
    WB_TRY(const auto page, reports.entries(job, after, kPage));
    std::vector<report::LogEntry> entries;
    for (const auto& row : page) entries.push_back(row.entry);
    WB_CHECK_OK(log.append(entries));
    if (page.size() < kPage) break;
    after = page.back().sequence;
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0)
    return errno_error("cannot make " + path.string(), errno);
  return log;
}

Result<void> JobLog::append(std::span<const report::LogEntry> entries) {
  std::string text;
  for (const auto& entry : entries) text += report::format_line(entry) + '\n';
  return write_all(file_.get(), text, path_.string());
}

}  // namespace waybill::worker
