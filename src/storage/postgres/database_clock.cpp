#include "storage/postgres/database_clock.h"

#include <cstdlib>

namespace waybill::storage::postgres {

Result<void> DatabaseClock::measure(Connection& connection) {
  const Time before = local_.now();
  WB_TRY(const std::int64_t there,
         connection.read_integer("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"));
  const Milliseconds way = local_.now() - before;
  if (way < Milliseconds(0)) return {};  // the local clock was set meanwhile: the next look tells
  const std::int64_t ahead = (sql::to_time(there) - before - way / 2).count();
  const std::int64_t uncertain = way.count() / 2 + 1;
  if (std::abs(ahead - ahead_.load()) > uncertain) ahead_ = ahead;
  return {};
}

}  // namespace waybill::storage::postgres
