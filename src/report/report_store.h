#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "report/finding.h"

namespace waybill::report {

/// An entry with its number in its job's log: 1, 2, 3 … without a gap.
struct NumberedEntry {
  std::int64_t sequence = 0;
  LogEntry entry;
};

struct FindingFilter {
  std::vector<Severity> severities;  // empty: all
  std::vector<Rule> rules;           // empty: all
  std::string file;                  // exactly; empty: all
  std::string text;                  // in message, item, file or advice; ASCII letters in either case
  std::int64_t after = 0;            // sequence of the last one seen
  std::size_t limit = 100;
};

struct FindingCount {
  Rule rule{};
  std::int64_t findings = 0;
};

/// Reads what jobs have reported. Written only with a batch (storage/store.h). Any thread.
class ReportStore {
 public:
  virtual ~ReportStore() = default;
  /// In order of sequence. Errors: io, unavailable.
  virtual Result<std::vector<NumberedEntry>> findings(const JobId& job, const FindingFilter& filter) = 0;
  /// How many findings of each rule fit, whatever `after` and `limit` say. Errors: io, unavailable.
  virtual Result<std::vector<FindingCount>> count_findings(const JobId& job, const FindingFilter& filter) = 0;
  /// Entries of all kinds after `after`, at most `limit`, in order. Errors: io, unavailable.
  virtual Result<std::vector<NumberedEntry>> entries(const JobId& job, std::int64_t after,
                                                     std::size_t limit) = 0;
};

}  // namespace waybill::report
