#include "api/job_submit.h"

#include <algorithm>

#include "api/gate.h"
#include "api/job_request.h"
#include "base/hash.h"
#include "base/text.h"

namespace waybill::api {

namespace {

constexpr std::size_t kMaxKeyCharacters = 255;

Outcome<std::optional<jobs::IdempotencyKey>> read_key(const http::Request& request, jobs::JobType type) {
  const auto header = request.headers.get("Idempotency-Key");
  if (!header) return std::optional<jobs::IdempotencyKey>();
  const bool text = !first_invalid_utf8(*header) && escape_controls(*header) == *header;
  if (header->empty() || !text || utf8_length(*header) > kMaxKeyCharacters) {
    return invalid_value("Idempotency-Key must have 1 to 255 characters.", "Idempotency-Key",
                         std::string(*header));
  }
  const auto hash = sha256(std::string(jobs::to_string(type)) + "\n" + request.body);
  return std::optional(jobs::IdempotencyKey{std::string(*header), std::string(as_bytes(hash))});
}

/// W3C Trace Context, 3.2: what is malformed is left out.
std::string traceparent_of(const http::Request& request) {
  constexpr std::string_view kForm = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  const auto header = request.headers.get("traceparent");
  if (!header || header->size() != kForm.size()) return {};
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const char c = (*header)[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (kForm[i] == '-' ? c != '-' : !hex) return {};
  }
  return std::string(*header);
}

Outcome<jobs::Job> read_job(const Services& services, const Call& call, jobs::JobType type) {
  auto request = read_job_request(call.request.body, type, services.clock.now());
  if (!request.ok()) return std::move(request.error());
  const auto& department = call.caller->department;
  if (auto refused = check_source(services, call, request->source, department)) return std::move(*refused);
  jobs::Job job = new_job(services, call, type, department);
  job.operation = request->operation;
  job.source = std::move(request->source);
  job.due = request->due;
  job.stop = request->stop;
  return job;
}

Outcome<JobId> create(const Services& services, const Call& call, jobs::JobType type) {
  auto key = read_key(call.request, type);
  if (!key.ok()) return std::move(key.error());
  auto job = read_job(services, call, type);
  if (!job.ok()) return std::move(job.error());
  auto stored = store_job(services, call, *job, *key);
  if (!stored.ok()) return std::move(stored.error());
  const auto& created = *stored;
  if (!created && created.error().code == ErrorCode::conflict) {
    return ApiError{Code::conflict,
                    "This Idempotency-Key was used with another body in the last 24 hours.",
                    {{"Idempotency-Key", (*key)->key}}};
  }
  if (!created) return fault(services, call.request, created.error());
  return created->id;
}

}  // namespace

std::string status_path(const JobId& id) {
  return std::string(kBase) + "/import/content/" + to_string(id) + "/status";
}

std::optional<ApiError> check_source(const Services& services, const Call& call,
                                     const jobs::DataSource& source, const Department& department) {
  const auto checked = services.check_source(source, department);
  if (checked) return std::nullopt;
  if (checked.error().code == ErrorCode::invalid_argument ||
      checked.error().code == ErrorCode::permission_denied || checked.error().code == ErrorCode::not_found) {
    return invalid_value(checked.error().message, "dataSource.path", source.path);
  }
  return fault(services, call.request, checked.error());
}

jobs::Job new_job(const Services& services, const Call& call, jobs::JobType type,
                  const Department& department) {
  jobs::Job job;
  job.id = JobId(Uuid::random());
  job.department = department;
  job.client = call.caller->client;
  job.type = type;
  job.traceparent = traceparent_of(call.request);
  job.created = job.due = services.clock.now();
  return job;
}

Outcome<Result<jobs::Created>> store_job(const Services& services, const Call& call, const jobs::Job& job,
                                         const std::optional<jobs::IdempotencyKey>& key) {
  const auto fits = services.queue.admit(job.client, services.queued_per_client, services.unfinished_jobs);
  if (!fits) return fault(services, call.request, fits.error());
  if (!*fits) {
    return ApiError{Code::too_many_requests,
                    "This client has " + std::to_string(services.queued_per_client) +
                        " unfinished jobs already. Wait until some have ended.",
                    {},
                    {{"Retry-After", "30"}}};
  }
  // On the board before anyone can know the id, so that no later state is overtaken by this one.
  services.board.publish_row(job);
  auto created = services.jobs.create(job, key);
  services.queue.settled(job.client);
  if (!created || created->replayed) services.board.forget(job.id);
  return created;
}

void accept(const Services& services, const Call& call, const JobId& id) {
  services.wake();
  http::Response response;
  response.status = 202;
  response.headers.set("Location", status_path(id));
  call.answer(std::move(response));
}

void submit_job(const Services& services, const Call& call, jobs::JobType type) {
  auto id = create(services, call, type);
  if (!id.ok()) return call.refuse(id.error());
  accept(services, call, *id);
}

}  // namespace waybill::api
