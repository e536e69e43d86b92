#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/cancel.h"
#include "base/hash.h"
#include "base/result.h"
#include "package/file_tree.h"
#include "storage/blob_store.h"

namespace waybill::worker {

/// Reads the package's attachments and inline resources, each as a rule once however many articles use it,
/// and keeps their bytes. Any thread.
class ResourceKeeper {
 public:
  /// One resource is held in memory whole, so there is a bound where the contract has none.
  static constexpr std::uint64_t kMostBytes = 64ULL << 20;

  /// `blobs` is null where nothing is to be kept (a validation).
  ResourceKeeper(const package::FileTree& files, storage::BlobStore* blobs) : files_(files), blobs_(blobs) {}

  /// The hash of a file, whose bytes are then in the blob store. Errors: corrupt and limit_exceeded are the
  /// file's; the others the way's.
  Result<Sha256> keep(package::FileIndex file, const Context& context);
  /// Makes durable what was put since the last call.
  Result<void> sync();

 private:
  const package::FileTree& files_;
  storage::BlobStore* blobs_;
  std::mutex mutex_;
  std::unordered_map<package::FileIndex, Sha256> known_;
  bool unsynced_ = false;
};

}  // namespace waybill::worker
