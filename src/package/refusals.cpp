#include "package/refusals.h"

#include <utility>

#include "package/entry_path.h"

namespace waybill::package {

namespace {
constexpr std::size_t kMaxPerRule = 50;  // one line for each of a million entries would tell no more

report::Finding make(report::Rule rule, std::string file, std::string message) {
  report::Finding finding;
  finding.rule = rule;
  finding.location.file = std::move(file);
  finding.message = std::move(message);
  return finding;
}
}  // namespace

void Refusals::add(report::Rule rule, std::string_view file, std::string message) {
  if (++counts_[rule] > kMaxPerRule) return;
  findings_.push_back(make(rule, printable_path(file), std::move(message)));
}

std::vector<report::Finding> Refusals::take() {
  for (const auto& [rule, count] : counts_) {
    if (count <= kMaxPerRule) continue;
    findings_.push_back(
        make(rule, "", std::to_string(count - kMaxPerRule) + " more entries have the same problem."));
  }
  counts_.clear();
  return std::exchange(findings_, {});
}

}  // namespace waybill::package
