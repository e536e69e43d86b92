#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "storage/blob_store.h"
#include "storage/blobs/known_hashes.h"

namespace waybill::storage {

/// Blobs as files of a folder: ab/abcdef… (64 hex digits). Any thread; any number of processes.
///
/// put() renames a finished file into place, so that no reader ever sees half of one, and does not wait for
/// the disk. sync() is one syncfs(2) for everything since the last: hundreds of small files and their folders
/// become durable with one flush, where an fdatasync of each would wait for the disk hundreds of times.
///
/// After a power cut a file that was not synced may hold other bytes than its name says. So a blob that is
/// there already is compared with the bytes at hand, and put anew where they differ, unless this process has
/// synced it.
class LocalBlobStore final : public BlobStore {
 public:
  explicit LocalBlobStore(std::filesystem::path folder);

  Result<void> put(const Sha256& hash, std::string_view bytes, const Context& context) override;
  Result<void> sync() override;
  Result<std::string> get(const Sha256& hash) override;

 private:
  std::filesystem::path path_of(const Sha256& hash) const;
  /// Writes the bytes under a temporary name and renames them into place.
  Result<void> write(const std::filesystem::path& path, std::string_view bytes);

  std::filesystem::path folder_;

  std::mutex syncing_;  // one sync at a time, so that a second one waits for what the first has taken over
  std::mutex mutex_;    // guards unsynced_; taken after syncing_
  std::vector<Sha256> unsynced_;
  KnownHashes durable_;  // those synced by this process
};

}  // namespace waybill::storage
