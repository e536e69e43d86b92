#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace waybill::http {

/// How long a body's next bytes may be waited for. No pause is longer than `pause`, and all together are no
/// longer than that and the time that the `bytes` which have come may take at `rate` bytes a second; `waited`
/// is what they took. Rate 0: only the pause counts.
inline std::chrono::nanoseconds patience(std::chrono::nanoseconds pause, std::uint64_t rate,
                                         std::uint64_t bytes, std::chrono::nanoseconds waited) {
  if (rate == 0) return pause;
  const std::chrono::duration<double> earned(static_cast<double>(bytes) / static_cast<double>(rate));
  const auto left = std::chrono::duration<double>(pause - waited) + earned;
  if (left >= pause) return pause;
  return std::max(std::chrono::duration_cast<std::chrono::nanoseconds>(left), std::chrono::nanoseconds(0));
}

}  // namespace waybill::http
