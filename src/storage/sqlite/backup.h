#pragma once

#include <filesystem>

#include "base/result.h"

namespace waybill::storage::sqlite {

/// Copies a database as one moment of it, also while another process writes to it, which it does not hold up.
/// The copy is checked and durable where this succeeds. `target` must not be there. Errors, each naming the
/// file: not_found, corrupt, no_space, io, unavailable.
Result<void> copy_database(const std::filesystem::path& source, const std::filesystem::path& target);

}  // namespace waybill::storage::sqlite
