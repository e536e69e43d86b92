// `waybill validate PATH` without a server: the very code of a validation job, on a store that is thrown
// away.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "api/finding_text.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "base/files.h"
#include "source/share.h"
#include "worker/worker.h"

namespace waybill::app {

namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::chrono::milliseconds kProgressEvery{100};
constexpr unsigned kReadableByAll = 0644;

cli::LocalFinding shown(const report::Finding& finding) {
  cli::LocalFinding row;
  row.severity = report::to_string(finding.severity());
  row.rule = report::info(finding.rule).code;
  row.kind = report::to_string(finding.kind);
  row.item = finding.item;
  row.file = finding.location.file;
  row.pointer = finding.location.pointer;
  row.line = finding.location.line;
  row.column = finding.location.column;
  row.message = finding.message;
  row.advice = finding.advice;
  return row;
}

worker::Options local_options(const std::filesystem::path& folder, const std::filesystem::path& package) {
  worker::Options options;
  options.owner = "this machine";
  options.keep_contents = false;
  options.log_folder = folder / "logs";
  options.server_log_location = [](const JobId&) { return std::string(); };
  options.open_source = [package](const jobs::Job&, const Context&) { return source::open_local(package); };
  return options;
}

/// Where the findings' paths lead from the working directory, as the review of a checkout wants it: a package
/// that is a folder below it is a part of the paths; of a zip, or a folder elsewhere, they stay the
/// package's.
api::SarifBase sarif_base(const std::filesystem::path& package) {
  api::SarifBase base{.description = "The package " + package.string()};
  std::error_code failed;
  if (!std::filesystem::is_directory(package, failed)) return base;
  const auto folder = std::filesystem::proximate(package, failed).lexically_normal();
  if (failed || folder.empty() || folder.is_absolute() || *folder.begin() == "..") return base;
  base.id = "SRCROOT";
  base.description = "The folder that the validation ran in";
  if (folder != ".") base.folder = (folder / "").generic_string();
  return base;
}

/// The findings as one SARIF log.
class SarifLog {
 public:
  explicit SarifLog(const std::filesystem::path& package)
      : base_(sarif_base(package)), text_(api::sarif_head(WAYBILL_VERSION, base_)) {}
  void add(const report::NumberedEntry& row) {
    text_ += (first_ ? "\n" : ",\n") + api::sarif_result(row, base_);
    first_ = false;
  }
  std::string text(const jobs::Job& job) const {
    return text_ + api::sarif_tail(to_string(job.id), job.state == jobs::State::successful);
  }

 private:
  const api::SarifBase base_;
  std::string text_;
  bool first_ = true;
};

Result<jobs::Job> run(storage::Store& store, jobs::StatusBoard& board, const worker::Options& options,
                      const std::filesystem::path& package) {
  jobs::Job job;
  job.id = JobId(Uuid::random());
  job.department = Department("local");
  job.client = ClientId("local");
  job.type = jobs::JobType::validation;
  job.source.path = package.string();
  job.created = job.due = system_clock().now();
  WB_CHECK_OK(store.jobs().create(job, std::nullopt));
  // Nobody else could take it over: the lease need not end.
  const jobs::ClaimLimits limits{1, std::chrono::hours(24 * 365)};
  WB_TRY(const auto claimed, store.jobs().claim(job.due, options.owner, limits));
  if (!claimed) return Error{ErrorCode::internal, "The validation could not be started."};
  return worker::run_job(*claimed, options, store, board, Context(system_clock()));
}

Result<jobs::Job> run_with_progress(storage::Store& store, const worker::Options& options,
                                    const std::filesystem::path& package,
                                    const std::function<void(const cli::LocalProgress&)>& progress) {
  jobs::StatusBoard board;
  std::optional<Result<jobs::Job>> ended;
  std::mutex mutex;
  std::condition_variable wake;
  std::thread worker([&] {
    auto outcome = run(store, board, options, package);
    const std::lock_guard lock(mutex);
    ended.emplace(std::move(outcome));
    wake.notify_all();
  });
  {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, kProgressEvery, [&] { return ended.has_value(); })) {
      const auto jobs = store.jobs().list({});
      if (!jobs || jobs->empty() || !progress) continue;
      const auto& job = jobs->front();
      progress({std::string(jobs::to_string(job.phase)), job.counts.processed(), job.total});
    }
  }
  worker.join();
  return std::move(*ended);
}

}  // namespace

Result<cli::LocalValidation> validate_local(const std::filesystem::path& package,
                                            const std::filesystem::path& sarif,
                                            const std::function<void(const cli::LocalFinding&)>& found,
                                            const std::function<void(const cli::LocalProgress&)>& progress) {
  const TemporaryFolder folder;
  WB_TRY(const auto store, open_store(DataPaths(folder.path()), system_clock()));
  WB_TRY(const auto job, run_with_progress(*store, local_options(folder.path(), package), package, progress));
  SarifLog log(package);
  report::FindingFilter filter;
  filter.limit = kPage;
  for (;;) {
    WB_TRY(const auto page, store->reports().findings(job.id, filter));
    for (const auto& row : page) {
      found(shown(row.entry.finding));
      if (!sarif.empty()) log.add(row);
    }
    if (page.size() < kPage) break;
    filter.after = page.back().sequence;
  }
  if (!sarif.empty()) WB_CHECK_OK(write_file_atomically(sarif, log.text(job), kReadableByAll));
  cli::LocalValidation result;
  result.status = jobs::to_string(job.state);
  result.processed = job.counts.processed();
  result.total = job.total.value_or(0);
  result.successful = job.counts.successful;
  result.warnings = job.counts.warnings;
  result.errors = job.counts.errors;
  result.error = job.error;
  result.retryable = job.retryable;
  return result;
}

}  // namespace waybill::app
