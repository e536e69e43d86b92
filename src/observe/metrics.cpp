#include "observe/metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <fstream>

namespace waybill::observe {

namespace {

std::string number(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    text += c;
  }
  return text;
}

/// Methods that a client makes up are one row.
std::string known_method(std::string_view method) {
  for (const auto* each : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    if (method == each) return each;
  }
  return "other";
}

int open_descriptors() {
  DIR* const folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  int count = -3;  // ".", ".." and the folder itself
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

}  // namespace

void MetricText::family(std::string_view name, std::string_view type, std::string_view help) {
  text_ += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " + std::string(name) + " " +
           std::string(type) + "\n";
}

void MetricText::sample(std::string_view name, Labels labels, double value) {
  text_ += name;
  const char* between = "{";
  for (const auto& [label, text] : labels) {
    text_ += between + std::string(label) + "=\"" + escaped(text) + "\"";
    between = ",";
  }
  if (labels.size() > 0) text_ += "}";
  text_ += " " + number(value) + "\n";
}

void RequestMetrics::add(std::string_view method, int status, std::uint64_t bytes,
                         std::chrono::nanoseconds took, bool timed) {
  const double seconds = std::chrono::duration<double>(took).count();
  std::size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  const std::lock_guard lock(mutex_);
  ++answers_[{known_method(method), status}];
  bytes_ += bytes;
  if (!timed) return;
  ++buckets_[bucket];
  ++timed_;
  seconds_ += seconds;
}

void RequestMetrics::write(MetricText& out) const {
  const std::lock_guard lock(mutex_);
  out.family("waybill_http_requests_total", "counter", "Requests that were answered.");
  for (const auto& [key, count] : answers_) {
    out.sample("waybill_http_requests_total", {{"method", key.first}, {"status", std::to_string(key.second)}},
               static_cast<double>(count));
  }
  out.family("waybill_http_response_bytes_total", "counter", "Bytes sent in answers, heads included.");
  out.sample("waybill_http_response_bytes_total", {}, static_cast<double>(bytes_));
  out.family("waybill_http_request_duration_seconds", "histogram",
             "From the request's head to the end of its answer; without event streams.");
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    sum += buckets_[i];
    out.sample("waybill_http_request_duration_seconds_bucket", {{"le", number(kBounds[i])}},
               static_cast<double>(sum));
  }
  out.sample("waybill_http_request_duration_seconds_bucket", {{"le", "+Inf"}}, static_cast<double>(timed_));
  out.sample("waybill_http_request_duration_seconds_sum", {}, seconds_);
  out.sample("waybill_http_request_duration_seconds_count", {}, static_cast<double>(timed_));
}

void write_process_metrics(MetricText& out) {
  const auto gauge = [&out](std::string_view name, std::string_view help, double value) {
    out.family(name, "gauge", help);
    out.sample(name, {}, value);
  };
  std::uint64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  gauge("process_virtual_memory_bytes", "Address space in use.", static_cast<double>(pages) * page);
  gauge("process_resident_memory_bytes", "Memory in use.", static_cast<double>(resident) * page);
  gauge("process_open_fds", "Open file descriptors.", open_descriptors());
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  gauge("process_max_fds", "File descriptors that may be open.", static_cast<double>(limit.rlim_cur));
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  out.family("process_cpu_seconds_total", "counter", "Processor time used.");
  out.sample("process_cpu_seconds_total", {}, seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

}  // namespace waybill::observe
