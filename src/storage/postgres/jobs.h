#pragma once

#include "storage/sql/jobs.h"

namespace waybill::storage::postgres {

/// What PostgreSQL does with fewer round trips.
class Jobs final : public sql::Jobs {
 public:
  using sql::Jobs::Jobs;
  Result<std::vector<jobs::Job>> get_all(const std::vector<JobId>& ids) override;
};

}  // namespace waybill::storage::postgres
