#include "jobs/estimate.h"

#include <gtest/gtest.h>

namespace waybill::jobs {
namespace {

using namespace std::chrono_literals;

const Time kStart = *parse_time("2024-03-01T10:00:00Z");

TEST(Estimator, SaysNothingBeforeARateIsKnown) {
  Estimator estimator;
  EXPECT_EQ(estimator.completion(kStart, 0ns), std::nullopt);
  estimator.observe(0ns, 0, 1000);
  EXPECT_EQ(estimator.completion(kStart, 0ns), std::nullopt);
  estimator.observe(10ms, 10, 1000);
  EXPECT_EQ(estimator.completion(kStart + 10ms, 10ms), std::nullopt);
}

TEST(Estimator, SteadyRateGivesOneMomentThroughout) {
  Estimator estimator;
  // 100 items a second, 1,000 items: done ten seconds after the start.
  for (int step = 0; step <= 9; ++step) {
    const auto at = std::chrono::seconds(step);
    estimator.observe(at, step * 100, 1000);
    if (step == 0) continue;
    const auto done = estimator.completion(kStart + at, at);
    ASSERT_TRUE(done.has_value());
    EXPECT_NEAR(static_cast<double>((*done - kStart).count()), 10'000.0, 5.0) << "after " << step << " s";
  }
}

TEST(Estimator, StandsStillBetweenObservations) {
  Estimator estimator;
  estimator.observe(0s, 0, 1000);
  estimator.observe(1s, 100, 1000);
  const auto then = *estimator.completion(kStart + 1s, 1s);
  const auto later = *estimator.completion(kStart + 3s, 3s);
  EXPECT_NEAR(static_cast<double>((later - then).count()), 0.0, 5.0);
}

TEST(Estimator, IsNeverInThePast) {
  Estimator estimator;
  estimator.observe(0s, 0, 1000);
  estimator.observe(1s, 900, 1000);
  const Time now = kStart + 1h;  // stalled for an hour
  EXPECT_GE(*estimator.completion(now, 1h), now);
}

TEST(Estimator, OneBurstDoesNotMakeItJump) {
  Estimator estimator;
  for (int step = 0; step <= 20; ++step) estimator.observe(std::chrono::seconds(step), step * 100, 10'000);
  const auto before = *estimator.completion(kStart + 20s, 20s);
  estimator.observe(20s + 100ms, 2'100, 10'000);  // 1,000 a second for a tenth of one
  const auto after = *estimator.completion(kStart + 20s + 100ms, 20s + 100ms);
  const double left = static_cast<double>((before - (kStart + 20s)).count());
  EXPECT_LT(std::abs(static_cast<double>((after - before).count())), left / 10);
}

}  // namespace
}  // namespace waybill::jobs
