#include "cli/checks.h"

#include <boost/json.hpp>
#include <ostream>

#include "base/text.h"

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

void print_text(const Console& console, const std::vector<Local::Check>& checks, int wrong) {
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

}  // namespace

bool print_checks(const std::vector<Local::Check>& checks, const Console& console, bool json) {
  int wrong = 0;
  for (const Local::Check& check : checks) wrong += check.fine ? 0 : 1;
  if (json) {
    print_json(console.out, checks, wrong == 0);
  } else {
    print_text(console, checks, wrong);
  }
  return wrong == 0;
}

}  // namespace waybill::cli
