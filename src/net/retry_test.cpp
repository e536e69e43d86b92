#include "net/retry.h"

#include <gtest/gtest.h>

namespace waybill::net {
namespace {

constexpr Retry::Limits kQuick{3, Milliseconds(0), Milliseconds(0)};

Error away() {
  return {ErrorCode::unavailable, "away"};
}

TEST(Retry, GivesUpWithTheLastFailure) {
  Retry retry(kQuick);
  EXPECT_TRUE(retry.wait(away(), Context()));
  EXPECT_TRUE(retry.wait({ErrorCode::timeout, "slow"}, Context()));
  const auto ended = retry.wait(away(), Context());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::unavailable);
}

TEST(Retry, CountsAnewAfterProgress) {
  Retry retry(kQuick);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(retry.wait(away(), Context()));
    EXPECT_TRUE(retry.wait(away(), Context()));
    retry.progressed();
  }
}

TEST(Retry, WhatDoesNotPassIsNotTriedAgain) {
  Retry retry(kQuick);
  EXPECT_FALSE(retry.wait({ErrorCode::permission_denied, "no"}, Context()));
}

TEST(Retry, ACancelledWorkDoesNotWait) {
  Retry retry({3, Milliseconds(3'600'000), Milliseconds(3'600'000)});
  const Context context;
  context.cancel();
  const auto ended = retry.wait(away(), context);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace waybill::net
