#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "storage/blob_store.h"

namespace waybill::storage {

/// Blobs as files of a folder: ab/abcdef… (64 hex digits). One process owns the folder. Any thread.
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

  Result<void> put(const Sha256& hash, std::string_view bytes) override;
  Result<void> sync() override;
  Result<std::string> get(const Sha256& hash) override;

 private:
  struct HashOfHash {
    std::size_t operator()(const Sha256& hash) const noexcept;
  };

  std::filesystem::path path_of(const Sha256& hash) const;
  bool is_durable(const Sha256& hash) const;
  /// Writes the bytes under a temporary name and renames them into place.
  Result<void> write(const std::filesystem::path& path, std::string_view bytes);

  std::filesystem::path folder_;

  std::mutex syncing_;  // one sync at a time, so that a second one waits for what the first has taken over
  mutable std::mutex mutex_;  // the two below; taken after syncing_
  std::vector<Sha256> unsynced_;
  std::unordered_set<Sha256, HashOfHash> durable_;  // some of those synced by this process, bounded
};

}  // namespace waybill::storage
