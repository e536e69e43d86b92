#include "cli/findings_text.h"

#include <array>
#include <boost/json.hpp>
#include <map>
#include <ostream>

#include "base/text.h"
#include "cli/console.h"

namespace waybill::cli {

namespace {

struct SeverityRow {
  std::string_view name, plural;
  Paint paint;
};
constexpr std::array<SeverityRow, 3> kSeverities{{{"error", "errors", Paint::red},
                                                  {"warning", "warnings", Paint::yellow},
                                                  {"remark", "remarks", Paint::cyan}}};

void print_one(std::ostream& out, const LocalFinding& finding, bool colour) {
  const std::string item = finding.item.empty() ? std::string("the package") : escape_controls(finding.item);
  out << "    " << item;
  if (const std::string place = place_of(finding); !place.empty()) {
    out << "  " << paint(escape_controls(place), Paint::dim, colour);
  }
  out << "\n      " << escape_controls(finding.message) << '\n';
  if (!finding.advice.empty()) out << "      → " << escape_controls(finding.advice) << '\n';
}

}  // namespace

std::string place_of(const LocalFinding& finding) {
  if (finding.file.empty()) return {};
  std::string place = finding.file;
  if (finding.line != 0) place += ":" + std::to_string(finding.line);
  if (finding.line != 0 && finding.column != 0) place += ":" + std::to_string(finding.column);
  return place;
}

void print_findings(std::ostream& out, const std::vector<LocalFinding>& findings, std::size_t of_each_rule,
                    bool colour) {
  for (const SeverityRow& severity : kSeverities) {
    std::map<std::string_view, std::vector<const LocalFinding*>> by_rule;
    std::int64_t count = 0;
    for (const LocalFinding& finding : findings) {
      if (finding.severity != severity.name) continue;
      by_rule[finding.rule].push_back(&finding);
      ++count;
    }
    if (count == 0) continue;
    out << '\n' << paint(counted(count, severity.name, severity.plural), severity.paint, colour) << '\n';
    for (const auto& [rule, group] : by_rule) {
      out << "  " << paint(escape_controls(rule), Paint::bold, colour);
      if (group.size() > 1) out << " (" << with_commas(static_cast<std::int64_t>(group.size())) << ")";
      out << '\n';
      for (std::size_t i = 0; i < group.size() && i < of_each_rule; ++i) print_one(out, *group[i], colour);
      if (group.size() > of_each_rule) {
        out << "    … and " << with_commas(static_cast<std::int64_t>(group.size() - of_each_rule))
            << " more (--all prints them)\n";
      }
    }
  }
}

std::string finding_line(const LocalFinding& finding, bool colour) {
  Paint tone = Paint::cyan;
  for (const SeverityRow& row : kSeverities) {
    if (row.name == finding.severity) tone = row.paint;
  }
  std::string line =
      paint(escape_controls(finding.severity), tone, colour) + " " + escape_controls(finding.rule);
  if (!finding.item.empty()) line += "  " + escape_controls(finding.item);
  if (const std::string place = place_of(finding); !place.empty()) line += "  " + escape_controls(place);
  return line + ": " + escape_controls(finding.message);
}

std::string finding_json(const LocalFinding& finding) {
  boost::json::object object{{"severity", finding.severity}, {"rule", finding.rule}, {"kind", finding.kind}};
  const auto add = [&object](std::string_view name, const std::string& text) {
    if (!text.empty()) object.emplace(name, text);
  };
  add("item", finding.item);
  add("file", finding.file);
  add("pointer", finding.pointer);
  if (finding.line != 0) object.emplace("line", finding.line);
  if (finding.column != 0) object.emplace("column", finding.column);
  object.emplace("message", finding.message);
  add("advice", finding.advice);
  return boost::json::serialize(object);
}

std::string summary_of(const std::vector<LocalFinding>& findings) {
  std::string text;
  for (const SeverityRow& severity : kSeverities) {
    std::int64_t count = 0;
    for (const LocalFinding& finding : findings) count += finding.severity == severity.name ? 1 : 0;
    if (count == 0) continue;
    text += (text.empty() ? "" : ", ") + counted(count, severity.name, severity.plural);
  }
  return text.empty() ? "no findings" : text;
}

}  // namespace waybill::cli
