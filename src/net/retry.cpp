#include "net/retry.h"

#include <algorithm>
#include <random>
#include <thread>

namespace waybill::net {

namespace {

constexpr Milliseconds kSlice{50};  // between looks at the context

Milliseconds any_up_to(Milliseconds most) {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return Milliseconds(std::uniform_int_distribution<std::int64_t>(0, most.count())(engine));
}

}  // namespace

Result<void> Retry::wait(Error failure, const Context& context) {
  WB_CHECK_OK(context.check());
  if (!failure.away() || ++failures_ >= limits_.attempts) return failure;
  const int doublings = std::min(failures_ - 1, 20);
  const auto bound = std::min(limits_.most_delay, limits_.first_delay * (std::int64_t{1} << doublings));
  for (auto left = any_up_to(bound); left.count() > 0; left -= kSlice) {
    std::this_thread::sleep_for(std::min(left, kSlice));
    WB_CHECK_OK(context.check());
  }
  return {};
}

}  // namespace waybill::net
