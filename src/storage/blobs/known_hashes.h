#pragma once

#include <cstddef>
#include <cstring>
#include <mutex>
#include <unordered_set>

#include "base/hash.h"

namespace waybill::storage {

/// Some of the hashes that it was given, in bounded memory: so that what is known to be kept is not looked
/// for again. Any thread.
class KnownHashes {
 public:
  bool contains(const Sha256& hash) const {
    const std::scoped_lock lock(mutex_);
    return hashes_.contains(hash);
  }
  void add(const Sha256& hash) {
    const std::scoped_lock lock(mutex_);
    if (hashes_.size() >= kMost) hashes_.clear();
    hashes_.insert(hash);
  }

 private:
  static constexpr std::size_t kMost = 16'384;  // about 1 MB

  struct HashOfHash {
    std::size_t operator()(const Sha256& hash) const noexcept {
      std::size_t start = 0;  // a cryptographic hash is spread well already
      std::memcpy(&start, hash.data(), sizeof(start));
      return start;
    }
  };

  mutable std::mutex mutex_;
  std::unordered_set<Sha256, HashOfHash> hashes_;  // guarded by mutex_
};

}  // namespace waybill::storage
