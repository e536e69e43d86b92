#include "storage/postgres/claim_looks.h"

#include <algorithm>
#include <utility>

namespace waybill::storage::postgres {

ClaimLooks::Look ClaimLooks::begin() {
  Look look;
  look.began = Clock::now();
  const std::lock_guard lock(mutex_);
  look.last_began = std::exchange(last_, look.began);
  if (short_start_ && look.began < next_whole_) {
    look.start = *short_start_;
    look.whole = false;
  }
  return look;
}

ClaimLooks::Look ClaimLooks::begin_again(const Look& before) {
  Look look;
  look.began = Clock::now();
  look.last_began = before.last_began;
  return look;
}

void ClaimLooks::end(const Look& look, const std::optional<Place>& found,
                     const std::function<Result<std::optional<std::int64_t>>()>& oldest_owned) {
  if (!look.whole) {
    if (!found) return;
    const std::lock_guard lock(mutex_);
    const std::int64_t owned_from = short_start_ ? short_start_->owned_from : look.start.owned_from;
    short_start_ = Start{*found, std::min(owned_from, found->number)};
    return;
  }
  const auto short_looks = short_looks_after(Clock::now() - look.began);
  std::optional<Start> next;
  if (found && look.last_began && look.began - *look.last_began <= short_looks) {
    // What was found is taken, whatever becomes of this.
    if (const auto oldest = oldest_owned()) next = Start{*found, oldest->value_or(found->number)};
  }
  const std::lock_guard lock(mutex_);
  short_start_ = next;
  next_whole_ = Clock::now() + short_looks;
}

std::chrono::nanoseconds ClaimLooks::short_looks_after(std::chrono::nanoseconds took) const {
  // Whole looks take a twentieth of the time at most, and come once a second at least.
  constexpr int kOneIn = 20;
  constexpr std::chrono::nanoseconds kLongest = std::chrono::seconds(1);
  return close_.value_or(std::min(took * kOneIn, kLongest));
}

}  // namespace waybill::storage::postgres
