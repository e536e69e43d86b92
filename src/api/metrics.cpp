#include "api/operation.h"

namespace waybill::api {

/// GET /metrics: Prometheus' text format 0.0.4. No token: it names neither content nor people nor
/// departments.
Operation metrics() {
  Operation operation;
  operation.id = "getMetrics";
  operation.method = "GET";
  operation.path = "/metrics";
  operation.access = Access::open;
  operation.binding = Binding::none;
  operation.produces = {};
  operation.handle = [](const Services& services, const Call& call) {
    http::Response response;
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = services.metrics ? services.metrics() : std::string();
    call.answer(std::move(response));
  };
  return operation;
}

}  // namespace waybill::api
