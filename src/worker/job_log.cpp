#include "worker/job_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace waybill::worker {

namespace {

constexpr std::size_t kPage = 1'000;  // entries read at once
constexpr mode_t kMode = 0644;

}  // namespace

std::string log_name(const JobId& id) {
  return "import-logs-" + to_string(id) + ".txt";
}

JobLog::JobLog(std::filesystem::path folder, JobId id) : folder_(std::move(folder)), id_(id) {}

void JobLog::look_at(const report::LogEntry& entry) {
  if (!entry.is_finding || entry.finding.kind != report::ItemKind::package) return;
  if (entry.finding.rule == report::Rule::resources_unused) {
    has_unused_remark_ = true;
  } else if (entry.finding.rule != report::Rule::package_changed) {
    has_package_findings_ = true;
  }
}

Result<void> JobLog::write_entries(report::ReportStore& reports, int fd) {
  std::int64_t after = 0;
  std::string text;
  for (;;) {
    WB_TRY(const auto page, reports.entries(id_, after, kPage));
    if (page.empty()) return {};
    text.clear();
    for (const report::NumberedEntry& numbered : page) {
      look_at(numbered.entry);
      text += format_line(numbered.entry);
      text += '\n';
    }
    if (fd >= 0) WB_CHECK_OK(write_all(fd, text, path().string()));
    after = page.back().sequence;
  }
}

Result<void> JobLog::rebuild(report::ReportStore& reports) {
  if (!kept()) return write_entries(reports, -1);
  broken_ = true;
  std::error_code made;  // what is wrong, open() tells better
  std::filesystem::create_directories(folder_, made);
  const std::filesystem::path temporary = path().string() + ".new";
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, kMode));
  if (!file) return errno_error("cannot make the job's log " + temporary.string(), errno);
  if (auto written = write_entries(reports, file.get()); !written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), path().c_str()) != 0) {
    return errno_error("cannot make the job's log " + path().string(), errno);
  }
  file_ = std::move(file);
  broken_ = false;
  return {};
}

void JobLog::append(const std::vector<report::LogEntry>& entries) {
  if (!kept() || broken_ || entries.empty()) return;
  std::string text;
  for (const report::LogEntry& entry : entries) {
    text += format_line(entry);
    text += '\n';
  }
  broken_ = !write_all(file_.get(), text, path().string()).ok();
}

Result<void> JobLog::complete(report::ReportStore& reports, const report::LogEntry& closing) {
  if (!kept()) return {};
  if (broken_) WB_CHECK_OK(rebuild(reports));
  broken_ = true;  // until the end is written, the file says more than the store: it is not to be added to
  WB_CHECK_OK(write_all(file_.get(), format_line(closing) + '\n', path().string()));
  if (::fsync(file_.get()) != 0) return errno_error("cannot sync the job's log " + path().string(), errno);
  return {};
}

}  // namespace waybill::worker
