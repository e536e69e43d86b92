#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "api/answers.h"
#include "api/gate.h"
#include "api/job_request.h"
#include "api/job_submit.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

Outcome<http::Response> answer(const Services& services, const Call& call,
                               const Result<std::vector<SourceCheck>>& checks) {
  if (!checks && checks.error().code == ErrorCode::limit_exceeded) {
    return ApiError{Code::too_many_requests, checks.error().message, {}, {{"Retry-After", "5"}}};
  }
  if (!checks) return fault(services, call.request, checks.error());
  bool fine = true;
  boost::json::array rows;
  for (const SourceCheck& check : *checks) {
    fine = fine && check.fine;
    boost::json::object row{{"what", check.what}, {"fine", check.fine}, {"found", check.found}};
    if (!check.advice.empty()) row.emplace("advice", check.advice);
    rows.push_back(std::move(row));
  }
  return json_answer(200, boost::json::object{{"fine", fine}, {"checks", std::move(rows)}});
}

void handle(const Services& services, Call call) {
  auto source = read_source_request(call.request.body);
  if (!source.ok()) return call.refuse(source.error());
  const Department department = call.caller->department;
  if (const auto refused = check_source(services, call, *source, department)) return call.refuse(*refused);
  const auto waiting = std::make_shared<const Call>(std::move(call));
  services.try_source(*source, department,
                      [&services, waiting](const Result<std::vector<SourceCheck>>& checks) {
                        waiting->finish(answer(services, *waiting, checks));
                      });
}

}  // namespace

/// POST /import/sources/check: whether a job would get at its package, before there is one (decision 91).
Operation check_source() {
  Operation operation;
  operation.id = "checkSource";
  operation.method = "POST";
  operation.path = std::string(kBase) + "/import/sources/check";
  operation.access = Access::manage;
  operation.consumes = {"application/json"};
  operation.handle = handle;
  return operation;
}

}  // namespace waybill::api
