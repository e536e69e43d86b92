#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "api/answers.h"
#include "api/gate.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

Outcome<http::Response> answer(const Services& services, const Call& call, const Result<UploadId>& id) {
  if (!id) return fault(services, call.request, id.error());
  const std::string text = to_string(*id);
  return json_answer(
      201, boost::json::object{{"id", text}, {"path", "upload://" + text}, {"size", call.request.body_size}});
}

void take(const Services& services, Call call) {
  if (call.request.body_size == 0) {
    return call.finish(invalid_value("The body is empty: send the zip itself.", "body", ""));
  }
  // With the call its body stays on the disk.
  const auto waiting = std::make_shared<const Call>(std::move(call));
  services.add_upload(
      waiting->request.body_file, waiting->caller->department,
      [&services, waiting](const Result<UploadId>& id) { waiting->finish(answer(services, *waiting, id)); });
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
  operation.handle = take;
  return operation;
}

}  // namespace waybill::api
