#include "http/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>

#include "http/testing.h"

namespace waybill::http {
namespace {

TEST(Pool, RefusesWhatItsQueueCannotHold) {
  testing::Gate gate;
  Pool pool(1, 2);
  EXPECT_FALSE(pool.post([] {})) << "before start";
  pool.start();
  ASSERT_TRUE(pool.post([&] { gate.pass(); }));
  gate.wait_for_arrivals(1);
  EXPECT_TRUE(pool.post([] {}));
  EXPECT_TRUE(pool.post([] {}));
  EXPECT_FALSE(pool.post([] {}));
  gate.open();
}

TEST(Pool, SurvivesWorkThatThrows) {
  testing::Gate gate;
  gate.open();
  Pool pool(1, 10);
  pool.start();
  ASSERT_TRUE(pool.post([] { throw std::runtime_error("defect"); }));
  ASSERT_TRUE(pool.post([&] { gate.pass(); }));
  gate.wait_for_arrivals(1);
}

TEST(Pool, FreesWhatItDidNotRun) {
  testing::Gate gate;
  auto held = std::make_shared<int>(1);
  {
    Pool pool(1, 10);
    pool.start();
    ASSERT_TRUE(pool.post([&] { gate.pass(); }));
    gate.wait_for_arrivals(1);
    ASSERT_TRUE(pool.post([held] {}));
    gate.open();
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace waybill::http
