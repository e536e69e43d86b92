#include "storage/postgres/jobs.h"

#include "storage/postgres/copy_rows.h"
#include "storage/sql/job_rows.h"

namespace waybill::storage::postgres {

Result<std::vector<jobs::Job>> Jobs::get_all(const std::vector<JobId>& ids) {
  std::vector<std::string> texts;
  texts.reserve(ids.size());
  for (const JobId& id : ids) texts.push_back(to_string(id));
  const std::string array = array_of(std::vector<std::string_view>(texts.begin(), texts.end()));
  return database().read([&](sql::Connection& reader) -> Result<std::vector<jobs::Job>> {
    std::vector<jobs::Job> found;
    sql::Query query(reader, sql::Sql::get_jobs, array);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return found;
      found.push_back(sql::read_job(query));
    }
  });
}

}  // namespace waybill::storage::postgres
