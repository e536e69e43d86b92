#include "api/gate.h"
#include "api/operation.h"

namespace waybill::api {

std::vector<Operation> operations(std::uint64_t max_upload_bytes) {
  std::vector<Operation> all;
  for (auto make : {import_content,   validate_content, job_status,      cancel_job,
                    retry_job,        health,           liveness,        readiness,
                    list_jobs,        job_findings,     job_log,         list_folders,
                    list_articles,    get_article,      article_content, article_attachment,
                    article_resource, list_topics,      list_portals,    search_articles,
                    metrics,          undo_job,         job_events,      rerun_failed,
                    preview_job,      list_items,       get_item,        article_history,
                    issue_token,      publish_keys,     issuer_metadata, openid_configuration,
                    openapi_document, check_source}) {
    all.push_back(make());
  }
  all.push_back(upload_package(max_upload_bytes));
  return all;
}

std::vector<http::Route> routes(const Services& services) {
  std::vector<http::Route> all;
  for (auto& operation : operations(services.max_upload_bytes)) {
    all.push_back(guarded_route(services, std::move(operation)));
  }
  return all;
}

}  // namespace waybill::api
