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

int write_export(JobClient& client, const FindingsArguments& arguments, const Console& console) {
  const std::string_view type = arguments.format == "csv"     ? "text/csv"
                                : arguments.format == "sarif" ? "application/sarif+json"
                                                              : "application/x-ndjson";
  const auto done = client.export_findings(arguments.job, type,
                                           {{"severity", arguments.severity},
                                            {"rule", arguments.rule},
                                            {"file", arguments.file},
                                            {"q", arguments.text}},
                                           [&](std::string_view piece) {
                                             console.out << piece;
                                             return console.out.good();
                                           });
  return done.ok() ? kFine : fail(console, "findings", done.error());
}

}  // namespace

int run_findings(const FindingsArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "findings", session.error());
  JobClient client(*session);
  std::vector<LocalFinding> findings;
  if (arguments.format == "csv" || arguments.format == "sarif" || arguments.format == "ndjson") {
    return write_export(client, arguments, console);
  }
  const auto read = client.findings(arguments.job,
                                    {{"severity", arguments.severity},
                                     {"rule", arguments.rule},
                                     {"file", arguments.file},
                                     {"q", arguments.text}},
                                    [&](const LocalFinding& finding, const std::string& json) {
                                      if (arguments.json || arguments.format == "json") {
                                        console.out << json << '\n';
                                      } else {
                                        findings.push_back(finding);
                                      }
                                      return console.out.good();
                                    });
  if (!read.ok()) return fail(console, "findings", read.error());
  if (arguments.json || arguments.format == "json") return kFine;
  const std::size_t most = arguments.all ? std::numeric_limits<std::size_t>::max() : kOfEachRule;
  print_findings(console.out, findings, most, console.colour);
  console.out << (findings.empty() ? "" : "\n") << summary_of(findings) << '\n';
  return kFine;
}

}  // namespace waybill::cli
