#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace waybill::api {

/// How many of something each of many keys (clients, addresses) may have: an allowance that grows with time,
/// up to ten seconds' worth, so that a burst is no flood. Keeps the kMostKeys that came last; one that is
/// forgotten begins anew. Any thread.
class RateLimits {
 public:
  static constexpr std::size_t kMostKeys = 20'000;
  static constexpr double kBurstSeconds = 10;
  static constexpr double kLeastBurst = 10;

  /// Takes one; where there is none left, the whole seconds after which there is. `rate` is a second's worth
  /// (0: no limit), `now` a clock's steady().
  std::optional<std::chrono::seconds> take(std::string_view key, double rate, std::chrono::nanoseconds now);
  /// Takes it back, as if it had not been.
  void give_back(std::string_view key);

 private:
  struct Bucket {
    std::string key;
    double left = 0;
    std::chrono::nanoseconds filled{};
  };

  std::mutex mutex_;
  std::list<Bucket> buckets_;  // the last used first; guarded by mutex_
  // Views into buckets_; guarded by mutex_.
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key_;
};

/// Whom an address counts as: an IPv4 address, or the /64 of an IPv6 one, of which a single host may have
/// all. `peer` as http::Request has it: "192.0.2.1:4711", "[2001:db8::1]:4711".
std::string address_key(std::string_view peer);

}  // namespace waybill::api
