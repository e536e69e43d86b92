#include "storage/sql/query.h"

#include <algorithm>

namespace waybill::storage::sql {

Result<void> Query::run() {
  while (true) {
    WB_TRY(const bool row, step());
    if (!row) return {};
  }
}

std::optional<std::int64_t> Query::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::optional<Time> Query::optional_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

Sha256 Query::hash(int column) const {
  Sha256 hash{};
  const std::string_view bytes = text(column);
  if (bytes.size() == hash.size()) std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

JobId Query::job_id(int column) const {
  std::array<std::uint8_t, 16> id{};
  const std::string_view bytes = text(column);
  if (bytes.size() == id.size()) std::copy(bytes.begin(), bytes.end(), id.begin());
  return JobId(Uuid(id));
}

}  // namespace waybill::storage::sql
