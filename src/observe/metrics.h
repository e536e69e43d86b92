#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace waybill::observe {

/// Writes metrics in Prometheus' text format 0.0.4: each family once, then its samples. One thread.
class MetricText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// `type`: "counter", "gauge" or "histogram".
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view name, Labels labels, double value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Requests that were answered: how many, and how long they took. Any thread.
class RequestMetrics {
 public:
  /// Upper bounds of the buckets, in seconds.
  static constexpr std::array kBounds = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0};

  /// `timed` is false for answers that last as long as their reader stays.
  void add(std::string_view method, int status, std::uint64_t bytes, std::chrono::nanoseconds took,
           bool timed);
  void write(MetricText& out) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> answers_;  // by method and status
  std::array<std::uint64_t, kBounds.size() + 1> buckets_{};
  double seconds_ = 0;
  std::uint64_t timed_ = 0, bytes_ = 0;
};

/// This process, as Prometheus' own client libraries name it: memory, descriptors, threads, processor time.
void write_process_metrics(MetricText& out);

}  // namespace waybill::observe
