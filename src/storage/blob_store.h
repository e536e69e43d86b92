#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/hash.h"
#include "base/result.h"

namespace waybill::storage {

/// Large bytes by their SHA-256. Any thread.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  /// Keeps the bytes under their hash; nothing happens where they are there. Not yet durable: see sync().
  /// Errors: no_space, io, unavailable, cancelled.
  virtual Result<void> put(const Sha256& hash, std::string_view bytes, const Context& context) = 0;
  /// How many put() at once are still faster than fewer: where each waits for another machine, several.
  virtual int puts_at_once() const { return 1; }
  /// Everything put so far is durable when it returns. Called before the batch that refers to it commits.
  virtual Result<void> sync() = 0;
  /// Errors: not_found, corrupt, unavailable, io.
  virtual Result<std::string> get(const Sha256& hash) = 0;
  /// How often calls have failed because the place of the bytes could not be reached: see Store::outages().
  virtual std::uint64_t outages() const { return 0; }
};

}  // namespace waybill::storage
