#include "cli/job_result.h"

#include <map>
#include <ostream>

#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/findings_text.h"
#include "cli/follow.h"

namespace waybill::cli {

namespace {

constexpr std::size_t kFirstFindings = 10;
constexpr std::size_t kOfOneRule = 3;    // so that one rule does not hide the others
constexpr std::size_t kLookedAt = 1000;  // this many at most are asked for

/// The gravest first: errors, then warnings, ten in all and three of a rule.
std::vector<LocalFinding> first_findings(JobClient& client, const std::string& job) {
  std::vector<LocalFinding> findings;
  std::map<std::string, std::size_t, std::less<>> of_rule;
  for (const char* severity : {"error", "warning"}) {
    if (findings.size() >= kFirstFindings) break;
    std::size_t seen = 0;
    const auto read =
        client.findings(job, {{"severity", severity}}, [&](const LocalFinding& finding, const std::string&) {
          if (++of_rule[finding.rule] <= kOfOneRule) findings.push_back(finding);
          return ++seen < kLookedAt && findings.size() < kFirstFindings;
        });
    if (!read.ok()) break;  // a courtesy only: the result is told already
  }
  return findings;
}

}  // namespace

int follow_to_result(JobClient& client, const std::string& job, const Console& console, bool json,
                     std::string_view command) {
  const InterruptGuard guard;  // before the id is seen: whoever sees it may press Ctrl-C
  if (!json) console.err << "Job " << job << std::endl;  // at once: what a later `waybill status` needs
  const auto followed = follow(client, job, console, json, {});
  if (!followed.ok()) return fail(console, command, followed.error());
  if (followed->interrupted) {
    tell_job_goes_on(console, job);
    return kInterrupted;
  }
  const JobStatus& status = followed->status;
  if (json) {
    console.out << status_json(job, status) << '\n';
    return exit_status_of(status);
  }
  print_status(console.out, job, status, console.colour);
  const bool troubled = status.status == "Failed" ||
                        (status.results && (status.results->errors > 0 || status.results->warnings > 0));
  if (troubled) {
    const auto findings = first_findings(client, job);
    for (const LocalFinding& finding : findings) {
      console.out << (&finding == &findings.front() ? "\nThe first findings:\n" : "") << "  "
                  << finding_line(finding, console.colour) << '\n';
    }
    if (!findings.empty()) console.out << "\nAll of them: waybill findings " << job << '\n';
  }
  return exit_status_of(status);
}

}  // namespace waybill::cli
