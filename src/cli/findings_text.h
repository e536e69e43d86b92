#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/local.h"

namespace waybill::cli {

/// Findings for people: by severity, errors first, then by rule, then in the order they came. At most
/// `of_each_rule` of one rule are printed, with a line that says how many are left out. Everything that a
/// package can hold is escaped.
void print_findings(std::ostream& out, const std::vector<LocalFinding>& findings, std::size_t of_each_rule,
                    bool colour);

/// One finding in one line: severity, rule, item, place, message.
std::string finding_line(const LocalFinding& finding, bool colour);

/// One finding as a JSON object on one line, members as the API names them; unknown places are left out.
std::string finding_json(const LocalFinding& finding);

/// "file:line:column", as much of it as is known; empty where not even the file is.
std::string place_of(const LocalFinding& finding);

/// "2 errors, 1 warning, 3 remarks"; "no findings".
std::string summary_of(const std::vector<LocalFinding>& findings);

}  // namespace waybill::cli
