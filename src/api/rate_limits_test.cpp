#include "api/rate_limits.h"

#include <gtest/gtest.h>

namespace waybill::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How many of `tries` are let through at `now`.
int taken(RateLimits& limits, const std::string& key, double rate, std::chrono::nanoseconds now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limits.take(key, rate, now) ? 0 : 1;
  return count;
}

TEST(RateLimits, TenSecondsWorthMayComeAtOnceAndThenTheRate) {
  RateLimits limits;
  EXPECT_EQ(taken(limits, "a", 5, seconds(100), 1'000), 50);
  EXPECT_EQ(taken(limits, "a", 5, seconds(102), 1'000), 10);
  EXPECT_EQ(taken(limits, "a", 5, seconds(10'000), 1'000), 50)
      << "what is not used up is not kept without end";
}

TEST(RateLimits, SaysWhenToComeAgain) {
  RateLimits limits;
  taken(limits, "a", 0.1, seconds(0), 10);
  const auto wait = limits.take("a", 0.1, seconds(0));
  ASSERT_TRUE(wait.has_value());
  EXPECT_EQ(*wait, seconds(10));
  EXPECT_TRUE(limits.take("a", 0.1, seconds(9)).has_value());
  EXPECT_FALSE(limits.take("a", 0.1, seconds(10)).has_value());
  RateLimits quick;
  taken(quick, "a", 1'000, seconds(0), 10'000);
  EXPECT_EQ(quick.take("a", 1'000, seconds(0)), seconds(1)) << "never at once";
}

TEST(RateLimits, OneKeyHoldsUpNoOther) {
  RateLimits limits;
  EXPECT_EQ(taken(limits, "a", 1, seconds(0), 1'000), 10);
  EXPECT_EQ(taken(limits, "b", 1, seconds(0), 1'000), 10);
}

TEST(RateLimits, ZeroIsNoLimit) {
  RateLimits limits;
  EXPECT_EQ(taken(limits, "a", 0, seconds(0), 100'000), 100'000);
}

TEST(RateLimits, WhatIsGivenBackMayBeTakenAgain) {
  RateLimits limits;
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_FALSE(limits.take("a", 1, seconds(0)).has_value()) << i;
    limits.give_back("a");
  }
  limits.give_back("nobody");
  EXPECT_EQ(taken(limits, "a", 1, seconds(0), 1'000), 10) << "it does not grow beyond a burst";
}

TEST(RateLimits, ForgetsTheKeyThatCameLongestAgo) {
  RateLimits limits;
  EXPECT_EQ(taken(limits, "old", 1, seconds(0), 100), 10);
  EXPECT_EQ(taken(limits, "kept", 1, seconds(0), 100), 10);
  for (std::size_t i = 0; i + 2 < RateLimits::kMostKeys; ++i) limits.take(std::to_string(i), 1, seconds(0));
  EXPECT_TRUE(limits.take("kept", 1, seconds(0)).has_value());
  limits.take("one more", 1, seconds(0));
  EXPECT_TRUE(limits.take("kept", 1, seconds(0)).has_value());
  EXPECT_FALSE(limits.take("old", 1, seconds(0)).has_value());
}

TEST(RateLimits, AClockThatStandsStillOrStepsBackGivesNothing) {
  RateLimits limits;
  EXPECT_EQ(taken(limits, "a", 1, seconds(100), 100), 10);
  EXPECT_EQ(taken(limits, "a", 1, seconds(50), 100), 0);
}

TEST(AddressKey, IsTheHostOrItsNetwork) {
  EXPECT_EQ(address_key("192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(address_key("[2001:db8:1:2:3:4:5:6]:4711"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_key("[2001:db8:1:2:ffff::1]:1"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_key("[fe80::1%eth0]:1"), "fe80::/64");
  EXPECT_EQ(address_key("[::ffff:192.0.2.1]:4711"), "192.0.2.1");
  EXPECT_EQ(address_key(""), "");
}

}  // namespace
}  // namespace waybill::api
