#include "api/rate_limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace waybill::api {

std::optional<std::chrono::seconds> RateLimits::take(std::string_view key, double rate,
                                                     std::chrono::nanoseconds now) {
  if (rate <= 0) return std::nullopt;
  const double most = std::max(kLeastBurst, rate * kBurstSeconds);
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  } else {
    if (buckets_.size() >= kMostKeys) {
      by_key_.erase(buckets_.back().key);
      buckets_.pop_back();
    }
    buckets_.push_front({std::string(key), most, now});
    by_key_.emplace(buckets_.front().key, buckets_.begin());
  }
  Bucket& bucket = buckets_.front();
  const std::chrono::duration<double> passed = std::max(now - bucket.filled, std::chrono::nanoseconds(0));
  bucket.left = std::min(most, bucket.left + passed.count() * rate);
  bucket.filled = now;
  if (bucket.left < 1) return std::chrono::seconds(static_cast<long>(std::ceil((1 - bucket.left) / rate)));
  bucket.left -= 1;
  return std::nullopt;
}

void RateLimits::give_back(std::string_view key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) found->second->left += 1;
}

std::string address_key(std::string_view peer) {
  std::string host(peer.substr(0, peer.rfind(':')));
  if (host.size() < 2 || host.front() != '[') return host;
  host = host.substr(1, host.rfind(']') - 1);
  host.resize(std::min(host.size(), host.find('%')));
  constexpr std::size_t kPrefix = 8;  // bytes of a /64
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  in6_addr address{};
  if (::inet_pton(AF_INET6, host.c_str(), &address) != 1) return host;
  // IPv4 through a socket for both (RFC 4291, 2.5.5.2).
  if (std::memcmp(&address, kMapped.data(), kMapped.size()) == 0) {
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, address.s6_addr + kMapped.size(), text.data(), text.size());
    return text.data();
  }
  std::memset(address.s6_addr + kPrefix, 0, sizeof(address) - kPrefix);
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &address, text.data(), text.size());
  return std::string(text.data()) + "/64";
}

}  // namespace waybill::api
