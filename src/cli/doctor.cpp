#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/local_arguments.h"
#include "cli/source_access.h"

namespace waybill::cli {

namespace {

void print_json(std::ostream& out, const std::vector<Local::Check>& checks, bool fine) {
  boost::json::array rows;
  for (const Local::Check& check : checks) {
    boost::json::object row{{"what", check.what}, {"fine", check.fine}, {"found", check.found}};
    if (check.warning) row.emplace("warning", true);
    if (!check.advice.empty()) row.emplace("advice", check.advice);
    rows.push_back(std::move(row));
  }
  out << boost::json::serialize(boost::json::object{{"fine", fine}, {"checks", std::move(rows)}}) << '\n';
}

std::string mark(const Local::Check& check, bool colour) {
  if (!check.fine) return paint("✗", Paint::red, colour);
  return check.warning ? paint("!", Paint::yellow, colour) : paint("✓", Paint::green, colour);
}

void print_checks(const Console& console, const std::vector<Local::Check>& checks, int wrong) {
  int warnings = 0;
  for (const Local::Check& check : checks) {
    const bool warns = check.fine && check.warning;
    warnings += warns ? 1 : 0;
    console.out << mark(check, console.colour) << ' ' << check.what;
    if (!check.found.empty()) console.out << ": " << escape_controls(check.found);
    console.out << '\n';
    if ((warns || !check.fine) && !check.advice.empty())
      console.out << "  → " << escape_controls(check.advice) << '\n';
  }
  if (wrong != 0) {
    console.out << counted(wrong, "check needs", "checks need") << " attention.\n";
  } else if (warnings != 0) {
    console.out << "All works, with " << counted(warnings, "warning", "warnings") << ".\n";
  } else {
    console.out << "All is well.\n";
  }
}

Result<std::vector<Local::Check>> run_checks(const DoctorArguments& arguments, const Console& console,
                                             const Local& local) {
  const LocalArguments where = with_environment(arguments.local, console);
  if (arguments.package.empty()) return local.doctor(where);
  std::string uri = arguments.package;
  if (uri.find("://") == std::string::npos) {
    uri = file_uri(std::filesystem::absolute(uri).lexically_normal());
  }
  WB_TRY(const auto source, data_source(uri, arguments.source, console));
  return local.doctor_source(where, boost::json::serialize(source));
}

}  // namespace

int run_doctor(const DoctorArguments& arguments, const Console& console, const Local& local) {
  if (arguments.settings) {
    console.out << local.settings_table();
    return kFine;
  }
  const auto checked = run_checks(arguments, console, local);
  if (!checked) {
    console.err << "waybill doctor: " << escape_controls(checked.error().message) << '\n';
    return kUsage;
  }
  const auto& checks = *checked;
  int wrong = 0;
  for (const Local::Check& check : checks) wrong += check.fine ? 0 : 1;
  if (arguments.json) {
    print_json(console.out, checks, wrong == 0);
  } else {
    print_checks(console, checks, wrong);
  }
  return wrong == 0 ? kFine : kContentErrors;
}

}  // namespace waybill::cli
