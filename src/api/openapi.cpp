#include "api/openapi.h"

#include "api/operation.h"

namespace waybill::api {

/// GET /openapi.yaml: the contract of this very binary.
Operation openapi_document() {
  Operation operation;
  operation.id = "getOpenapi";
  operation.method = "GET";
  operation.path = "/openapi.yaml";
  operation.access = Access::open;
  operation.binding = Binding::none;
  operation.produces = {"application/yaml"};
  operation.runs = http::Route::Runs::loop;
  operation.handle = [](const Services& /*services*/, const Call& call) {
    http::Response response;
    response.headers.set("Content-Type", "application/yaml");
    response.body = std::string(openapi_yaml());
    call.answer(std::move(response));
  };
  return operation;
}

}  // namespace waybill::api
