#include <boost/json.hpp>
#include <limits>
#include <mutex>
#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/findings_text.h"
#include "cli/job_result.h"
#include "cli/progress_bar.h"
#include "cli/progress_view.h"
#include "cli/submit.h"

namespace waybill::cli {

namespace {

constexpr std::size_t kOfEachRule = 10;

std::string result_json(const LocalValidation& result) {
  boost::json::object object{{"status", result.status}};
  if (result.total > 0 || result.status == "Successful") {
    object.emplace("progress",
                   boost::json::object{{"processed", result.processed},
                                       {"total", result.total},
                                       {"percentage", percentage(result.processed, result.total)}});
  }
  object.emplace("results", boost::json::object{{"successful", result.successful},
                                                {"warnings", result.warnings},
                                                {"errors", result.errors}});
  if (!result.error.empty()) object.emplace("error", result.error);
  if (result.status == "Failed") object.emplace("retryable", result.retryable);
  return boost::json::serialize(object);
}

void print_result(std::ostream& out, const LocalValidation& result, const std::vector<LocalFinding>& findings,
                  bool colour) {
  const Paint tone = result.status == "Failed" || result.errors > 0 ? Paint::red : Paint::green;
  out << (findings.empty() ? "" : "\n") << paint(result.status, tone, colour) << ": "
      << with_commas(result.processed) << " of " << counted(result.total, "item", "items")
      << " checked: " << with_commas(result.successful) << " good, " << with_commas(result.warnings)
      << " with warnings, " << with_commas(result.errors) << " with errors (" << summary_of(findings)
      << ").\n";
  if (!result.error.empty()) out << result.error << '\n';
}

int exit_status_of(const LocalValidation& result) {
  if (result.status != "Successful") return kJobFailed;
  return result.errors > 0 ? kContentErrors : kFine;
}

int validate_here(const ValidateArguments& arguments, const Console& console, const Local& local) {
  std::error_code failed;
  if (!std::filesystem::exists(arguments.package, failed)) {
    return fail_here(console, "validate",
                     {ErrorCode::not_found, "there is no package at " + arguments.package +
                                                ". Expected a zip or a folder on this machine."});
  }
  ProgressView view(console, arguments.json);
  std::vector<LocalFinding> findings;
  std::mutex mutex;  // findings and progress may come from threads of the validation
  const auto found = [&](const LocalFinding& finding) {
    const std::lock_guard lock(mutex);
    if (arguments.json) {
      console.out << finding_json(finding) << '\n';
    } else {
      findings.push_back(finding);
    }
  };
  const auto progress = [&](const LocalProgress& state) {
    const std::lock_guard lock(mutex);
    view.show(state.operation, state.processed, state.total);
  };
  const auto result = local.validate(arguments.package, arguments.sarif_file, found, progress);
  view.finish();
  if (!result.ok()) return fail_here(console, "validate", result.error());
  if (arguments.json) {
    console.out << result_json(*result) << '\n';
    return exit_status_of(*result);
  }
  const std::size_t most = arguments.all ? std::numeric_limits<std::size_t>::max() : kOfEachRule;
  print_findings(console.out, findings, most, console.colour);
  print_result(console.out, *result, findings, console.colour);
  return exit_status_of(*result);
}

}  // namespace

int run_validate(const ValidateArguments& arguments, const Console& console, const Local& local) {
  if (!arguments.server_side && !is_uri(arguments.package)) return validate_here(arguments, console, local);
  if (!arguments.sarif_file.empty()) {
    return fail_here(console, "validate",
                     {ErrorCode::invalid_argument,
                      "--sarif-file is for a package on this machine. After a validation by the server, "
                      "`waybill findings JOB --format sarif` prints it."});
  }
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "validate", session.error());
  Submission submission;
  submission.package = arguments.package;
  submission.source = arguments.source;
  submission.validation = true;
  submission.reimport = arguments.reimport;
  submission.via = arguments.via;
  const auto job = submit_package(*session, submission, console, arguments.json);
  if (!job.ok()) return fail(console, "validate", job.error());
  JobClient client(*session);
  return follow_to_result(client, *job, console, arguments.json, "validate");
}

}  // namespace waybill::cli
