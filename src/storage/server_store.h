#pragma once

#include <cstdint>
#include <functional>

#include "auth/client_store.h"
#include "base/result.h"
#include "base/time.h"
#include "storage/notice.h"
#include "storage/sealer.h"
#include "storage/store.h"

namespace waybill::storage {

/// A store with all that a server wants of it beyond its workers. Any thread.
class ServerStore : public Store {
 public:
  virtual auth::ClientStore& clients() = 0;
  /// Seals with the master key. Lives as long as the store.
  virtual const Sealer& sealer() const = 0;
  /// Reads the whole database and looks for damage, unless it is larger than `most_bytes` or another program
  /// looks after it: then true is returned at once, for "not looked at". Errors: corrupt, io.
  virtual Result<bool> look_for_damage(std::uint64_t most_bytes) = 0;

  /// Whether other processes may work on the same jobs.
  virtual bool shared() const = 0;
  /// The clock that all who share the store go by. Lives as long as the store.
  virtual const Clock& clock() const = 0;
  /// From now on `heard` is called with what other processes announce (and this one), on a thread of the
  /// store, until stop_listening(). It must not block. Nothing happens where nobody shares the store.
  virtual void listen(std::function<void(const Notice&)> heard) = 0;
  virtual void stop_listening() = 0;
};

}  // namespace waybill::storage
