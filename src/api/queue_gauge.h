#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "base/ids.h"
#include "base/result.h"

namespace waybill::api {

/// Keeps a client from having more than so many unfinished jobs, without counting them in the store for every
/// request: between two counts the number can only be smaller than the last one plus what was made since. Any
/// thread.
class QueueGauge {
 public:
  using Count = std::function<Result<std::int64_t>(const ClientId&)>;

  /// True where one more fits; it is counted in, and settled() is to follow when it is in the store or never
  /// will be. Errors: those of `count`.
  Result<bool> admit(const ClientId& client, std::uint64_t most, const Count& count) {
    const std::lock_guard lock(mutex_);
    auto& known = clients_[client];
    if (!known.at_most || *known.at_most >= most) {
      WB_TRY(const auto counted, count(client));
      // The count may miss those that are being written just now.
      known.at_most = static_cast<std::uint64_t>(counted) + known.unsettled;
    }
    if (*known.at_most >= most) return false;
    ++*known.at_most;
    ++known.unsettled;
    return true;
  }
  void settled(const ClientId& client) {
    const std::lock_guard lock(mutex_);
    --clients_[client].unsettled;
  }

 private:
  struct Known {
    std::optional<std::uint64_t> at_most;
    std::uint64_t unsettled = 0;  // admitted, and perhaps not in the store yet
  };

  std::mutex mutex_;
  std::map<ClientId, Known> clients_;
};

}  // namespace waybill::api
