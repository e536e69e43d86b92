#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "package/refusals.h"
#include "package/zip_directory.h"
#include "source/source.h"

namespace waybill::package::zip {

/// A local header, compared with the directory. What does not fit names a rule and says what.
struct LocalHeader {
  std::uint64_t data = 0;  // offset of the entry's bytes in the file
  report::Rule rule = report::Rule::package_unreadable;
  std::string defect;  // empty where all fits
};

/// Fills `bytes` from the entry's header over its whole extra field and `data_bytes` of its data, as far as
/// the entry's limit allows. One read for what common tools write.
Result<void> read_local(const source::RandomAccess& file, const Entry& entry, std::uint64_t data_bytes,
                        std::string& bytes, const Context& context);

/// `bytes` as read_local() fills them.
LocalHeader check_local(const Entry& entry, std::string_view name, std::string_view bytes);

/// Compares every local header with the directory, in the order of the file.
Result<void> check_locals(const source::RandomAccess& file, const Directory& directory, Refusals& refusals,
                          const Context& context);

}  // namespace waybill::package::zip
