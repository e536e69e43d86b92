#include "api/health_monitor.h"

namespace waybill::api {

namespace {

// Several rounds missed: the checks themselves hang.
constexpr std::chrono::seconds kStale{30};

}  // namespace

std::string_view to_string(Health health) {
  switch (health) {
    case Health::healthy:
      return "healthy";
    case Health::degraded:
      return "degraded";
    case Health::unhealthy:
      return "unhealthy";
    case Health::maintenance:
      return "maintenance";
  }
  return "unhealthy";
}

Health HealthSnapshot::overall() const {
  Health worst = Health::healthy;
  for (const auto& component : components) {
    if (component.health > worst) worst = component.health;
  }
  return worst;
}

HealthMonitor::HealthMonitor(std::vector<Check> checks, const Clock& clock)
    : checks_(std::move(checks)), clock_(clock) {}

HealthMonitor::~HealthMonitor() {
  stop();
}

void HealthMonitor::start() {
  check();
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kInterval, [this] { return stopping_; })) {
      lock.unlock();
      check();
      lock.lock();
    }
  });
}

void HealthMonitor::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void HealthMonitor::check() {
  auto next = std::make_shared<HealthSnapshot>();
  for (const auto& each : checks_) next->components.push_back(each());
  next->at = clock_.now();
  next->steady = clock_.steady();
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(next);
}

std::shared_ptr<const HealthSnapshot> HealthMonitor::latest() const {
  std::shared_ptr<const HealthSnapshot> found;
  {
    const std::lock_guard lock(mutex_);
    found = snapshot_;
  }
  if (!found || clock_.steady() - found->steady < kStale) return found;
  auto stale = std::make_shared<HealthSnapshot>(*found);
  for (auto& component : stale->components) {
    component.health = Health::unhealthy;
    component.issue = "The checks have not answered for " +
                      format_uptime(std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() -
                                                                                          found->steady)) +
                      ".";
  }
  return stale;
}

std::string format_uptime(std::chrono::milliseconds uptime) {
  using namespace std::chrono;
  auto left = floor<seconds>(uptime).count();
  if (left < 0) left = 0;
  return std::to_string(left / 86'400) + "d " + std::to_string(left / 3'600 % 24) + "h " +
         std::to_string(left / 60 % 60) + "m " + std::to_string(left % 60) + "s";
}

}  // namespace waybill::api
