#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"

namespace waybill::storage {

/// Large bytes by their SHA-256. Any thread.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  /// Keeps the bytes under their hash; nothing happens where they are there. Not yet durable: see sync().
  /// Errors: no_space, io.
  virtual Result<void> put(const Sha256& hash, std::string_view bytes) = 0;
  /// Everything put so far is durable when it returns. Called before the batch that refers to it commits.
  virtual Result<void> sync() = 0;
  /// Errors: not_found, corrupt.
  virtual Result<std::string> get(const Sha256& hash) = 0;
};

}  // namespace waybill::storage
