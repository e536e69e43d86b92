#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "package/file_tree.h"
#include "package/zip_directory.h"
#include "source/source.h"

namespace waybill::package::zip {

/// ErrorCode::corrupt for a file of the zip: which one, and what is wrong with it.
Error damaged(std::string_view name, std::string_view what);

/// Unpacks a whole entry into `into`, whose memory is reused. Length and checksum are checked. Any thread.
/// Errors: corrupt.
Result<void> unpack(const Entry& entry, std::string_view name, std::string_view packed, std::string& into);

/// Unpacks an entry in pieces from `data` on, and checks length and checksum at its end; never gives more
/// than the entry's size. `file` outlives it.
std::unique_ptr<ByteStream> make_stream(const source::RandomAccess& file, const Entry& entry,
                                        std::string_view name, std::uint64_t data, const Context& context);

}  // namespace waybill::package::zip
