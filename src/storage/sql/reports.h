#pragma once

#include "report/report_store.h"
#include "storage/sql/query.h"

namespace waybill::storage::sql {

/// Adds one entry to a job's log within the caller's transaction.
Result<void> write_entry(Connection& writer, std::int64_t job_number, std::int64_t sequence,
                         const report::LogEntry& entry);

/// ReportStore on the database.
class Reports final : public report::ReportStore {
 public:
  explicit Reports(Database& database) : database_(database) {}
  Result<std::vector<report::NumberedEntry>> findings(const JobId& job,
                                                      const report::FindingFilter& filter) override;
  Result<std::vector<report::FindingCount>> count_findings(const JobId& job,
                                                           const report::FindingFilter& filter) override;
  Result<std::vector<report::NumberedEntry>> entries(const JobId& job, std::int64_t after,
                                                     std::size_t limit) override;

 private:
  Database& database_;
};

}  // namespace waybill::storage::sql
