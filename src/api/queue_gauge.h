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

  /// True where one more fits; it is counted in. Errors: those of `count`.
  Result<bool> admit(const ClientId& client, std::uint64_t most, const Count& count) {
    const std::lock_guard lock(mutex_);
    auto& known = at_most_[client];
    if (!known || *known >= most) {
      WB_TRY(const auto counted, count(client));
      known = static_cast<std::uint64_t>(counted);
    }
    if (*known >= most) return false;
    ++*known;
    return true;
  }

 private:
  std::mutex mutex_;
  std::map<ClientId, std::optional<std::uint64_t>> at_most_;
};

}  // namespace waybill::api
