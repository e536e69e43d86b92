#include <boost/json.hpp>

#include "api/answers.h"
#include "api/health_monitor.h"
#include "api/operation.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

bool serves(Health health) {
  return health == Health::healthy || health == Health::degraded;
}

void answer_health(const Services& services, const Call& call) {
  const auto snapshot = services.health();
  if (!snapshot) return call.refuse({Code::unavailable, "The server is still starting."});
  json::object components;
  json::array issues;
  for (const auto& component : snapshot->components) {
    components[component.name] = to_string(component.health);
    if (!component.issue.empty()) issues.emplace_back(component.issue);
  }
  const Time now = services.clock.now();
  const Health overall = snapshot->overall();
  auto answer =
      json_answer(serves(overall) ? 200 : 503, json::object{{"status", to_string(overall)},
                                                            {"timestamp", format_time(now)},
                                                            {"version", services.version},
                                                            {"uptime", format_uptime(now - services.started)},
                                                            {"issues", std::move(issues)},
                                                            {"components", std::move(components)}});
  answer.headers.set("Cache-Control", "no-store");
  call.answer(std::move(answer));
}

/// The process runs: nothing else is asked.
void answer_liveness(const Services& /*services*/, const Call& call) {
  call.answer(json_answer(200, json::object{{"status", "alive"}}));
}

void answer_readiness(const Services& services, const Call& call) {
  const auto snapshot = services.health();
  const bool ready = snapshot && serves(snapshot->overall());
  call.answer(json_answer(ready ? 200 : 503, json::object{{"status", ready ? "ready" : "not ready"}}));
}

Operation open_get(std::string_view id, std::string path, void (*handle)(const Services&, const Call&)) {
  Operation operation;
  operation.id = id;
  operation.method = "GET";
  operation.path = std::move(path);
  operation.access = Access::open;
  operation.binding = Binding::none;
  operation.runs = http::Route::Runs::loop;
  operation.handle = handle;
  return operation;
}

}  // namespace

/// GET /import/content/health (contract, section 2).
Operation health() {
  return open_get("getHealth", std::string(kBase) + "/import/content/health", answer_health);
}

Operation liveness() {
  return open_get("getLiveness", "/livez", answer_liveness);
}

Operation readiness() {
  return open_get("getReadiness", "/readyz", answer_readiness);
}

}  // namespace waybill::api
