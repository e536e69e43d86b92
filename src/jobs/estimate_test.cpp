#include "jobs/estimate.h"

#include <gtest/gtest.h>

#include <cmath>

namespace waybill::jobs {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Time kStart = *parse_time("2024-03-01T10:00:00Z");

TEST(Estimator, KnowsNothingBeforeTheFirstStep) {
  Estimator estimator;
  EXPECT_EQ(estimator.completion(kStart, seconds(0)), std::nullopt);
  estimator.observe(seconds(0), 0, 1000);
  EXPECT_EQ(estimator.completion(kStart, seconds(1)), std::nullopt);
  EXPECT_EQ(estimator.rate(), std::nullopt);
}

TEST(Estimator, EvenWorkIsEstimatedExactly) {
  Estimator estimator;
  for (int second = 0; second <= 10; ++second) estimator.observe(seconds(second), second * 10, 1000);
  EXPECT_NEAR(*estimator.rate(), 10.0, 0.001);
  const Time now = kStart + seconds(10);
  EXPECT_NEAR(static_cast<double>((*estimator.completion(now, seconds(10)) - now).count()), 90'000, 5);
  // Between two steps it stays where it was.
  EXPECT_NEAR(static_cast<double>(
                  (*estimator.completion(now + milliseconds(500), milliseconds(10'500)) - now).count()),
              90'000, 5);
}

TEST(Estimator, IsNeverInThePast) {
  Estimator estimator;
  estimator.observe(seconds(0), 0, 100);
  estimator.observe(seconds(1), 99, 100);
  for (const int later : {1, 2, 10, 1000}) {
    const Time now = kStart + seconds(later);
    EXPECT_GE(*estimator.completion(now, seconds(later)), now);
  }
}

TEST(Estimator, CountsOnlyWhatThisRunHasDone) {
  Estimator estimator;
  estimator.observe(seconds(0), 900, 1000);  // resumed
  estimator.observe(seconds(1), 910, 1000);
  EXPECT_NEAR(*estimator.rate(), 10.0, 0.001);
}

TEST(Estimator, UnevenWorkSettlesInsteadOfJumping) {
  Estimator estimator;
  estimator.observe(seconds(0), 0, 100'000);
  std::int64_t processed = 0;
  std::optional<Time> before;
  double largest_early = 0;
  double largest_late = 0;
  for (int step = 1; step <= 600; ++step) {
    processed += step % 2 == 0 ? 80 : 120;  // 100 a second on average
    estimator.observe(seconds(step), processed, 100'000);
    const auto estimate = estimator.completion(kStart + seconds(step), seconds(step));
    ASSERT_TRUE(estimate);
    if (before) {
      double& largest = step <= 10 ? largest_early : largest_late;
      if (step <= 10 || step > 300) {
        largest = std::max(largest, std::abs(static_cast<double>((*estimate - *before).count())));
      }
    }
    before = estimate;
  }
  EXPECT_LT(largest_late, largest_early / 10) << "the later, the smaller the moves";
  EXPECT_NEAR(static_cast<double>((*before - kStart).count()), 1'000'000, 20'000);
}

TEST(Estimator, MomentsThatAreTheSameDoNoHarm) {
  Estimator estimator;
  estimator.observe(seconds(1), 0, 10);
  estimator.observe(seconds(1), 5, 10);
  EXPECT_EQ(estimator.rate(), std::nullopt);
  estimator.observe(seconds(2), 6, 10);
  EXPECT_NEAR(*estimator.rate(), 6.0, 0.001);
}

}  // namespace
}  // namespace waybill::jobs
