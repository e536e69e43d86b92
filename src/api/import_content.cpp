#include "api/job_submit.h"

namespace waybill::api {

/// POST /import/content (contract, section 2).
Operation import_content() {
  Operation operation;
  operation.id = "importContent";
  operation.method = "POST";
  operation.path = std::string(kBase) + "/import/content";
  operation.access = Access::manage;
  operation.produces = {};
  operation.consumes = {"application/json"};
  operation.handle = [](const Services& services, const Call& call) {
    submit_job(services, call, jobs::JobType::import);
  };
  return operation;
}

}  // namespace waybill::api
