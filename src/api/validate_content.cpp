#include "api/job_submit.h"

namespace waybill::api {

/// POST /import/content/validate (contract, section 2): a dry run.
Operation validate_content() {
  Operation operation;
  operation.id = "validateContent";
  operation.method = "POST";
  operation.path = std::string(kBase) + "/import/content/validate";
  operation.access = Access::manage;
  operation.produces = {};
  operation.consumes = {"application/json"};
  operation.handle = [](const Services& services, const Call& call) {
    submit_job(services, call, jobs::JobType::validation);
  };
  return operation;
}

}  // namespace waybill::api
