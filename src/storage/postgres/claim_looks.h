#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>

#include "base/result.h"

namespace waybill::storage::postgres {

/// Where looks for a job begin. Of those that follow each other closely most begin where the one before found
/// its job, and pass over what has ended since (decision 0081): for twenty times as long as a look at all
/// takes, and up to a second, an older job that can be taken again may have to wait. Any thread.
class ClaimLooks {
 public:
  using Clock = std::chrono::steady_clock;

  /// A job's place in the queue.
  struct Place {
    std::int64_t due = 0;  // milliseconds since 1970
    std::int64_t number = 0;
    auto operator<=>(const Place&) const = default;
  };
  struct Start {
    static constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
    Place from{kFirst, kFirst};
    std::int64_t owned_from = kFirst;  // the owner has no job with a smaller number
  };
  struct Look {
    Start start;
    bool whole = true;
    Clock::time_point began{};
    std::optional<Clock::time_point> last_began = std::nullopt;  // of the look before
  };

  Look begin();
  /// At all, where a short look found none.
  static Look begin_again(const Look& before);
  /// `found`: the last place at which a job was taken. `oldest_owned` asks for the smallest number of the
  /// owner's jobs; nullopt: none.
  void end(const Look& look, const std::optional<Place>& found,
           const std::function<Result<std::optional<std::int64_t>>()>& oldest_owned);

  /// For tests: looks follow each other closely whose distance is at most this.
  void set_close(std::chrono::nanoseconds close) { close_ = close; }

 private:
  std::chrono::nanoseconds short_looks_after(std::chrono::nanoseconds took) const;

  std::optional<std::chrono::nanoseconds> close_;
  std::mutex mutex_;
  std::optional<Start> short_start_;  // until the next whole look
  Clock::time_point next_whole_{};
  std::optional<Clock::time_point> last_;
};

}  // namespace waybill::storage::postgres
