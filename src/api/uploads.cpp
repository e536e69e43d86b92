#include <boost/json.hpp>

#include "api/answers.h"
#include "api/gate.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

Outcome<http::Response> take(const Services& services, const Call& call) {
  if (call.request.body_size == 0) {
    return invalid_value("The body is empty: send the zip itself.", "body", "");
  }
  const auto id = services.add_upload(call.request.body_file, call.caller->department);
  if (!id) return fault(services, call.request, id.error());
  const std::string text = to_string(*id);
  return json_answer(
      201, boost::json::object{{"id", text}, {"path", "upload://" + text}, {"size", call.request.body_size}});
}

}  // namespace

/// POST /import/uploads (contract, section 5): a package sent to Waybill itself.
Operation upload_package(std::uint64_t max_bytes) {
  Operation operation;
  operation.id = "uploadPackage";
  operation.method = "POST";
  operation.path = std::string(kBase) + "/import/uploads";
  operation.access = Access::manage;
  operation.consumes = {"application/zip", "application/x-zip-compressed", "application/octet-stream"};
  operation.body = http::Route::Body::file;
  operation.max_body = max_bytes;
  operation.handle = [](const Services& services, const Call& call) { call.finish(take(services, call)); };
  return operation;
}

}  // namespace waybill::api
