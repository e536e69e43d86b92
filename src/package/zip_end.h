#pragma once

#include <cstdint>
#include <optional>

#include "base/cancel.h"
#include "base/result.h"
#include "package/refusals.h"
#include "source/source.h"

namespace waybill::package::zip {

/// Where the central directory lies, from the records at the end of the file.
struct DirectoryPlace {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
};

/// Reads the end record, and the ZIP64 one where there is one. nullopt: refused, `refusals` says why.
/// The directory lies inside the file, right before the end records, and can hold `count` entries.
Result<std::optional<DirectoryPlace>> find_directory(const source::RandomAccess& file, Refusals& refusals,
                                                     const Context& context);

}  // namespace waybill::package::zip
