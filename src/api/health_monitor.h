#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"

namespace waybill::api {

enum class Health { healthy, degraded, unhealthy, maintenance };
std::string_view to_string(Health health);

/// One component as its check found it.
struct ComponentHealth {
  std::string name;  // "database"
  Health health = Health::healthy;
  std::string issue;  // for people; empty where healthy
};

/// What the checks found. Immutable.
struct HealthSnapshot {
  Time at{};
  std::chrono::nanoseconds steady{};
  std::vector<ComponentHealth> components;
  Health overall() const;
};

/// Runs the checks beside the server, so that a question about health costs nothing and never waits for a
/// disk. latest(): any thread.
class HealthMonitor {
 public:
  using Check = std::function<ComponentHealth()>;
  static constexpr std::chrono::seconds kInterval{5};

  HealthMonitor(std::vector<Check> checks, const Clock& clock);
  ~HealthMonitor();
  HealthMonitor(const HealthMonitor&) = delete;
  HealthMonitor& operator=(const HealthMonitor&) = delete;

  /// Runs the checks once here, and from then on by a thread of its own.
  void start();
  void stop();
  /// Null before start(). Where the checks have hung for long, says so instead of repeating itself.
  std::shared_ptr<const HealthSnapshot> latest() const;

 private:
  void check();

  const std::vector<Check> checks_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards snapshot_ and stopping_
  std::condition_variable wake_;
  std::shared_ptr<const HealthSnapshot> snapshot_;
  bool stopping_ = false;
  std::thread thread_;
};

/// "2d 5h 30m 15s".
std::string format_uptime(std::chrono::milliseconds uptime);

}  // namespace waybill::api
