#include <boost/json.hpp>

#include "api/answers.h"
#include "api/gate.h"
#include "api/operation.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

json::object no_items(bool undo) {
  json::object counts{{"created", 0}, {"updated", 0}, {"unchanged", 0}, {"refused", 0}};
  if (undo) counts["removed"] = 0;
  return counts;
}

void add(json::object& counts, const storage::OutcomeCount& count) {
  auto& sum = counts[knowledge::to_string(count.outcome)];
  sum = (sum.is_int64() ? sum.as_int64() : 0) + count.items;
}

Outcome<http::Response> preview(const Services& services, const Call& call) {
  auto job = find_job(services, call);
  if (!job.ok()) return std::move(job.error());
  const auto counts = services.items.counts(job->id);
  if (!counts) return fault(services, call.request, counts.error());
  const bool undo = job->type == jobs::JobType::undo;
  json::object all = no_items(undo), kinds;
  for (const auto kind : {report::ItemKind::folder, report::ItemKind::article, report::ItemKind::topic,
                          report::ItemKind::portal}) {
    kinds[report::to_string(kind)] = no_items(undo);
  }
  for (const auto& count : *counts) {
    add(all, count);
    add(kinds[report::to_string(count.kind)].as_object(), count);
  }
  json::object body{{"jobType", jobs::to_string(job->type)},
                    {"status", jobs::to_string(job->state)},
                    {"complete", job->state == jobs::State::successful},
                    {"counts", std::move(all)},
                    {"kinds", std::move(kinds)}};
  if (!undo) body["operation"] = jobs::to_string(job->operation);
  return json_answer(200, body);
}

}  // namespace

/// GET /import/content/{job_id}/preview: how many items a job has made, updated, left and refused, or would.
Operation preview_job() {
  Operation operation;
  operation.id = "previewJob";
  operation.method = "GET";
  operation.path = std::string(kBase) + "/import/content/{job_id}/preview";
  operation.binding = Binding::department_or_admin;
  operation.handle = [](const Services& services, const Call& call) { call.finish(preview(services, call)); };
  return operation;
}

}  // namespace waybill::api
