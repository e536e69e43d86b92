#pragma once

#include <string>
#include <string_view>

#include "report/report_store.h"

namespace boost::json {
class object;
}

namespace waybill::api {

/// A finding as one member of a JSON page and one line of NDJSON.
boost::json::object finding_object(const report::NumberedEntry& row);

/// The line of column names, and a finding as a record (RFC 4180); both with their CRLF.
std::string csv_head();
std::string csv_record(const report::NumberedEntry& row);

/// What the paths of a SARIF log are relative to.
struct SarifBase {
  std::string id = "PACKAGE";
  std::string description;  // "The package s3://…"
  std::string folder = {};  // stands before each path, with its '/'
};

/// SARIF 2.1.0 (OASIS, 2020), in three parts: what stands before the results, a result, and what stands
/// after.
std::string sarif_head(std::string_view version, const SarifBase& base);
std::string sarif_result(const report::NumberedEntry& row, const SarifBase& base);
std::string sarif_tail(std::string_view job, bool successful);

}  // namespace waybill::api
