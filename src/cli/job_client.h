#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "cli/local.h"
#include "cli/session.h"

namespace waybill::cli {

/// A job's status as the API tells it (contract, section 2); members that do not apply are empty.
struct JobStatus {
  std::string status, job_type, operation, log_location;
  std::string start, estimated, stop, completed, failed, error;
  bool retryable = false;
  std::optional<std::int64_t> processed, total;
  struct Results {
    std::int64_t successful = 0, warnings = 0, errors = 0;
  };
  std::optional<Results> results;
  std::string json;  // the answer as it came
  std::string etag;

  bool ended() const { return status == "Successful" || status == "Failed" || status == "Cancelled"; }
};

/// A row of the list of jobs.
struct JobRow {
  std::string id;
  std::string of;  // the name of its package, or of an undo the beginning of the id that it takes back
  JobStatus status;
};

/// Reads a status from the API's JSON; an Error (corrupt) where it is none.
Result<JobStatus> read_status(std::string_view json);

/// The operations on jobs, over HTTP. Errors of all: as expect_success() and HttpClient. One thread.
class JobClient {
 public:
  explicit JobClient(Session& session) : session_(session) {}

  /// Submits a request body to /import/content or, for `validation`, /import/content/validate. Returns the
  /// job's id.
  Result<std::string> submit(bool validation, const std::string& body, const std::string& idempotency_key);

  /// What a job with this `dataSource` would meet on its way to the package.
  Result<std::vector<Local::Check>> check_source(const boost::json::object& source);

  /// The status now; with `etag` and `wait_seconds` the answer may take that long, and nullopt says that
  /// nothing has changed.
  Result<std::optional<JobStatus>> status(const std::string& job, const std::string& etag = {},
                                          int wait_seconds = 0);
  Result<void> cancel(const std::string& job);
  /// POST …/{job}/{action} with a JSON body (empty: none): "undo", "retry", "rerun-failed". Returns the id of
  /// the job that it starts.
  Result<std::string> start(const std::string& job, std::string_view action, const std::string& body);
  /// The JSON object at …/{job}{path}.
  using Query = std::initializer_list<std::pair<std::string_view, std::string>>;
  Result<boost::json::value> read(const std::string& job, const std::string& path, Query query);
  /// Findings in another form, as they come: `media_type` is "text/csv" and the like.
  Result<void> export_findings(const std::string& job, std::string_view media_type, Query query,
                               const std::function<bool(std::string_view)>& sink);

  /// Newest first; follows the cursor until `limit` or the end.
  Result<std::vector<JobRow>> jobs(const std::string& status, const std::string& type, int limit,
                                   const std::string& text = {});

  /// Findings in order, page by page; `each` also gets the row as the API wrote it, and returns false to
  /// stop.
  Result<void> findings(const std::string& job, Query query,
                        const std::function<bool(const LocalFinding&, const std::string& json)>& each);

  /// The log's bytes from `offset` on, as they come. Returns how many there were.
  Result<std::uint64_t> log(const std::string& job, std::uint64_t offset,
                            const std::function<bool(std::string_view)>& sink);

  const std::string& server() const { return session_.server(); }

 private:
  Session& session_;
};

}  // namespace waybill::cli
