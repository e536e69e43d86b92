#include "report/rules.h"

#include <array>

namespace waybill::report {

namespace {

constexpr auto kRules = std::to_array<RuleInfo>({
#define X(id, code, severity, title, remedy) {Rule::id, code, Severity::severity, title, remedy},
    WAYBILL_RULES(X)
#undef X
});

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::remark:
      return "remark";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "unknown";
}

const RuleInfo& info(Rule rule) {
  return kRules.at(static_cast<std::size_t>(rule));
}

std::span<const RuleInfo> all_rules() {
  return kRules;
}

std::optional<Rule> find_rule(std::string_view code) {
  for (const RuleInfo& row : kRules) {
    if (row.code == code) return row.rule;
  }
  return std::nullopt;
}

}  // namespace waybill::report
