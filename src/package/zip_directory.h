#pragma once

#include <cstdint>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "package/file_names.h"
#include "package/file_tree.h"
#include "package/refusals.h"
#include "package/zip_end.h"
#include "source/source.h"

namespace waybill::package::zip {

/// A file of the zip: where its bytes are and what they must be. Its name is in FileNames.
struct Entry {
  std::uint64_t header = 0;    // offset of its local header
  std::uint64_t limit = 0;     // its data ends here at the latest: the next local header, or the directory
  std::uint64_t packed = 0;    // bytes in the zip
  std::uint64_t size = 0;      // bytes unpacked
  std::uint32_t checksum = 0;  // CRC-32 of the unpacked bytes
  std::uint32_t name_checksum = 0;  // CRC-32 of the name as written, where `renamed`
  std::uint16_t name_length = 0;    // of the name as written
  std::uint16_t flags = 0;
  std::uint8_t method = 0;  // kMethodStore or kMethodDeflate
  bool renamed = false;     // the name in FileNames comes from a Unicode path field
};

/// The files of a zip, without its folders and what systems leave behind. `entries` and `names` have the same
/// indices.
struct Directory {
  std::vector<Entry> entries;
  FileNames names;
};

/// Reads the central directory in pieces and checks every entry by itself (name, method, encryption, sizes)
/// and all together (count, total, duplicates, ranges that overlap). Memory grows with the entries alone.
/// What is wrong goes to `refusals`, and the directory is of use only where that stays empty.
Result<Directory> read_directory(const source::RandomAccess& file, const DirectoryPlace& place,
                                 const Limits& limits, Refusals& refusals, const Context& context);

}  // namespace waybill::package::zip
