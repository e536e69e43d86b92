#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/health_monitor.h"
#include "api/queue_gauge.h"
#include "api/rate_limits.h"
#include "api/status_writer.h"
#include "auth/clients.h"
#include "auth/issuer.h"
#include "auth/tokens.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "jobs/job.h"
#include "jobs/job_store.h"
#include "jobs/status_board.h"
#include "knowledge/knowledge_base.h"
#include "report/report_store.h"
#include "storage/item_store.h"

namespace waybill::api {

/// Called once with what became of an upload, on any thread, maybe before add_upload() returns.
using UploadAdded = std::function<void(Result<UploadId>)>;

/// One step on a job's way to its package: what it was, whether it went well, what was found, and what to do
/// if not.
struct SourceCheck {
  std::string what;  // "connection", "listing", "clock", "package"
  bool fine = true;
  std::string found, advice = {};
};
/// Called once, on any thread, maybe before try_source() returns.
using SourceTried = std::function<void(Result<std::vector<SourceCheck>>)>;

/// What the operations stand on. Everything outlives the server. Filled in by app/; every function may be
/// called from any thread.
struct Services {
  jobs::JobStore& jobs;
  jobs::StatusBoard& board;
  knowledge::KnowledgeBase& knowledge;
  report::ReportStore& reports;
  storage::ItemStore& items;
  auth::Issuer& issuer;
  auth::TokenChecker& tokens;
  auth::TokenGrants& grants;
  const Clock& clock;

  // The scheduler.
  std::function<void()> wake;
  std::function<void(const JobId&)> cancel_running;

  // The HTTP server's threads.
  std::function<bool(std::function<void()>)> post;
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after;

  // Sources. check_source: whether a job may read from there, as far as can be told without reading. Errors:
  // invalid_argument, permission_denied, not_found; the message goes to the client.
  std::function<Result<void>(const jobs::DataSource&, const Department&)> check_source;
  /// Takes the temporary file over as an upload. Errors: no_space, io, unavailable, cancelled.
  std::function<void(const std::filesystem::path&, const Department&, UploadAdded)> add_upload;
  /// Goes the way that a job of this source would, up to its package, within seconds. Errors: limit_exceeded
  /// (too many at once), and those of check_source.
  std::function<void(const jobs::DataSource&, const Department&, SourceTried)> try_source;

  std::function<Result<std::string>(const Sha256&)> blob;
  /// Where the job's log grows, or would.
  std::function<std::filesystem::path(const JobId&)> log_file;
  std::function<std::shared_ptr<const HealthSnapshot>()> health;
  /// Unfinished jobs of a client.
  std::function<Result<std::int64_t>(const ClientId&)> unfinished_jobs;
  /// For the operator's log: what a 500 or 503 hides from the client.
  std::function<void(const http::Request&, const Error&)> log_fault;

  /// Prometheus' text; may be empty.
  std::function<std::string()> metrics = {};

  std::uint64_t queued_per_client = 10'000;
  double requests_per_client = 1'000;  // a second, of those that take a database or a disk; 0: no limit
  double guesses_per_minute = 120;     // client secrets that an address may try; 0: no limit
  std::uint64_t max_upload_bytes = 4ULL << 30;
  std::string version;
  Time started{};  // of the process

  std::size_t most_event_streams = 10'000;

  mutable std::atomic<std::size_t> event_streams{0};
  mutable StatusWriter status_writer = {};
  mutable QueueGauge queue = {};
  mutable RateLimits requests = {};  // by client, or by address where none is known
  mutable RateLimits guesses = {};   // by address
};

}  // namespace waybill::api
