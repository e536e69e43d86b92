#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/error.h"
#include "api/services.h"
#include "auth/tokens.h"
#include "http/message.h"
#include "http/server.h"

namespace waybill::api {

/// Base path of the contract, section 1.
inline constexpr std::string_view kBase = "/knowledge/contentmgr/v4";

/// Whose token an operation needs: nobody's, one with the scope for reading (or managing), or for managing.
enum class Access : std::uint8_t { open, read, manage };

/// What a caller must be bound to: nothing, a department, or a department unless the caller sees all.
enum class Binding : std::uint8_t { none, department, department_or_admin };

struct Parameter {
  std::string_view name;
  bool required = false;
};

/// A request that has passed the gate.
struct Call {
  http::Request request;
  http::Responder responder;
  std::shared_ptr<const auth::Caller> caller;  // null where Access::open; shared with the token cache
  std::string_view media_type;                 // of the operation's `produces`, as negotiated

  void answer(http::Response response) const { responder.send(std::move(response)); }
  void refuse(const ApiError& error) const { responder.send(to_response(error, &request)); }
  /// Either of the two.
  void finish(Outcome<http::Response> outcome) const;
};

/// One operation of the contract: what gate.cpp checks, then `handle`, which answers exactly once.
struct Operation {
  std::string_view id;      // operationId in openapi.yaml
  std::string_view method;  // "GET"
  std::string path;         // with {…}, as http::Route
  Access access = Access::read;
  Binding binding = Binding::department;
  std::vector<Parameter> query = {};
  std::vector<std::string_view> produces = {"application/json"};  // empty: Accept is not looked at
  std::vector<std::string_view> consumes = {};                    // empty: no body
  bool body_optional = false;  // where it consumes: a request without a body is fine too
  http::Route::Runs runs = http::Route::Runs::pool;
  http::Route::Body body = http::Route::Body::memory;
  std::uint64_t max_body = 64 * 1024;  // bytes
  std::function<void(const Services&, Call)> handle;
};

// One function an operation, each in the file of its name.
Operation import_content();
Operation validate_content();
Operation job_status();
Operation cancel_job();
Operation retry_job();
Operation undo_job();
Operation rerun_failed();
Operation preview_job();
Operation list_items();
Operation get_item();
Operation article_history();
Operation health();
Operation liveness();
Operation readiness();
Operation list_jobs();
Operation job_findings();
Operation job_log();
Operation job_events();
Operation metrics();
Operation upload_package(std::uint64_t max_bytes);
Operation check_source();
Operation list_folders();
Operation list_articles();
Operation get_article();
Operation article_content();
Operation article_attachment();
Operation article_resource();
Operation list_topics();
Operation list_portals();
Operation search_articles();
Operation issue_token();
Operation publish_keys();
Operation issuer_metadata();
Operation openid_configuration();
Operation openapi_document();

/// All of them. `max_upload_bytes` as in the settings.
std::vector<Operation> operations(std::uint64_t max_upload_bytes);

/// The routes for the server, behind the gate. `services` outlives the server.
std::vector<http::Route> routes(const Services& services);

}  // namespace waybill::api
