#include <system_error>

#include "api/gate.h"
#include "api/operation.h"
#include "api/range.h"

namespace waybill::api {

namespace {

constexpr std::size_t kPage = 1000;

/// The log from the rows it is made of, for where its file has been put elsewhere.
Result<std::string> write_log(const Services& services, const JobId& id) {
  std::string text;
  for (std::int64_t after = 0;;) {
    WB_TRY(const auto rows, services.reports.entries(id, after, kPage));
    for (const auto& row : rows) text += report::format_line(row.entry) + "\n";
    if (rows.size() < kPage) return text;
    after = rows.back().sequence;
  }
}

http::Response serve_range(const http::Request& request, http::Response response, std::uint64_t size) {
  const auto choice = choose_range(request.headers.get("Range"), size);
  response.headers.set("Accept-Ranges", "bytes");
  const std::string total = "/" + std::to_string(size);
  if (choice.kind == RangeChoice::Kind::whole) return response;
  if (choice.kind == RangeChoice::Kind::unsatisfiable) {
    return to_response({Code::range_unsatisfiable,
                        "The log has " + std::to_string(size) + " bytes so far.",
                        {{"Range", std::string(*request.headers.get("Range"))}},
                        {{"Content-Range", "bytes *" + total}}},
                       &request);
  }
  const auto [offset, length] = choice.range;
  response.status = 206;
  response.headers.set("Content-Range",
                       "bytes " + std::to_string(offset) + "-" + std::to_string(offset + length - 1) + total);
  if (response.file) {
    response.file->offset = offset;
    response.file->length = length;
  } else {
    response.body = response.body.substr(offset, length);
  }
  return response;
}

Outcome<http::Response> serve(const Services& services, const Call& call) {
  auto job = find_job(services, call);
  if (!job.ok()) return std::move(job.error());
  http::Response response;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Cache-Control", "private, no-cache");
  const auto path = services.log_file(job->id);
  std::error_code ec;
  if (const auto size = std::filesystem::file_size(path, ec); !ec) {
    response.file = http::FileBody{path, 0, size};
    return serve_range(call.request, std::move(response), size);
  }
  auto text = write_log(services, job->id);
  if (!text) return fault(services, call.request, text.error());
  response.body = std::move(text).value();
  const std::uint64_t size = response.body.size();
  return serve_range(call.request, std::move(response), size);
}

}  // namespace

/// GET /import/content/{job_id}/log (contract, section 5): text; Range serves the tail.
Operation job_log() {
  Operation operation;
  operation.id = "getJobLog";
  operation.method = "GET";
  operation.path = std::string(kBase) + "/import/content/{job_id}/log";
  operation.binding = Binding::department_or_admin;
  operation.produces = {"text/plain"};
  operation.handle = [](const Services& services, const Call& call) { call.finish(serve(services, call)); };
  return operation;
}

}  // namespace waybill::api
