#include <limits>
#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/findings_text.h"
#include "cli/job_client.h"

namespace waybill::cli {

namespace {

constexpr std::size_t kOfEachRule = 20;

}  // namespace

int run_findings(const FindingsArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "findings", session.error());
  JobClient client(*session);
  std::vector<LocalFinding> findings;
  const auto read = client.findings(arguments.job, arguments.severity, arguments.rule,
                                    [&](const LocalFinding& finding, const std::string& json) {
                                      if (arguments.json) {
                                        console.out << json << '\n';
                                      } else {
                                        findings.push_back(finding);
                                      }
                                      return console.out.good();
                                    });
  if (!read.ok()) return fail(console, "findings", read.error());
  if (arguments.json) return kFine;
  const std::size_t most = arguments.all ? std::numeric_limits<std::size_t>::max() : kOfEachRule;
  print_findings(console.out, findings, most, console.colour);
  console.out << (findings.empty() ? "" : "\n") << summary_of(findings) << '\n';
  return kFine;
}

}  // namespace waybill::cli
