#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/hash.h"
#include "base/result.h"
#include "source/spool.h"

namespace waybill::source {

/// The two files of a spool: NAME.data, sparse, holds the chunks where they lie in the zip; NAME.chunks says
/// which have come, each with its hash. A chunk that an earlier process fetched counts only where its bytes
/// still have that hash, so neither file is ever synced. Any thread; each chunk by one at a time.
class SpoolChunks {
 public:
  /// Opens what is there where it is of the same zip, else begins anew. `identity` tells zips apart. Errors:
  /// no_space, permission_denied, io.
  static Result<SpoolChunks> open(const SpoolOptions& options, std::string_view identity, std::uint64_t size);

  /// Those that an earlier process fetched, not yet looked at.
  std::vector<std::size_t> left_behind() const;
  /// True where the chunk that an earlier process fetched is whole.
  bool is_whole(std::size_t chunk) const;
  /// Errors: no_space, io.
  Result<void> put(std::size_t chunk, std::span<const char> bytes);
  /// Of chunks that are there. Errors: io.
  Result<void> read(std::uint64_t offset, std::span<char> into) const;
  /// Takes both files away; what is open stays readable.
  void remove() const;

  std::uint64_t begin_of(std::size_t chunk) const { return chunk * std::uint64_t{SpoolOptions::kChunk}; }
  std::size_t size_of(std::size_t chunk) const;

 private:
  Result<void> load(std::string_view head);

  std::filesystem::path data_path_, list_path_;
  std::uint64_t size_ = 0;
  FileDescriptor data_, list_;
  std::map<std::size_t, Sha256> left_behind_;
};

}  // namespace waybill::source
