#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "report/finding.h"

namespace waybill::package {

/// Collects why a package is refused. Of each rule the first 50 are kept; take() says how many more there
/// are.
class Refusals {
 public:
  /// `file` is a path of any bytes, or empty for the package as a whole.
  void add(report::Rule rule, std::string_view file, std::string message);
  bool empty() const { return counts_.empty(); }
  std::vector<report::Finding> take();

 private:
  std::vector<report::Finding> findings_;
  std::map<report::Rule, std::size_t> counts_;
};

}  // namespace waybill::package
