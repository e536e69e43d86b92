#include "config/units.h"

#include <gtest/gtest.h>

namespace waybill::config {
namespace {

TEST(Units, DurationsTakeAUnitOrPlainMilliseconds) {
  EXPECT_EQ(parse_duration("200ms"), Milliseconds(200));
  EXPECT_EQ(parse_duration("10s"), Milliseconds(10'000));
  EXPECT_EQ(parse_duration("5min"), Milliseconds(300'000));
  EXPECT_EQ(parse_duration("1h"), Milliseconds(3'600'000));
  EXPECT_EQ(parse_duration("2 d"), Milliseconds(172'800'000));
  EXPECT_EQ(parse_duration("1500"), Milliseconds(1500));
  for (const char* wrong : {"", "s", "-1s", "1.5s", "10 sec", "1s ", "1h30m", "300000000000000d",
                            "99999999999999999999", "18446744073709551615"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

TEST(Units, SizesArePowersOf1024) {
  EXPECT_EQ(parse_size("512"), 512U);
  EXPECT_EQ(parse_size("1B"), 1U);
  EXPECT_EQ(parse_size("25MiB"), 26'214'400U);
  EXPECT_EQ(parse_size("4GiB"), 4'294'967'296U);
  for (const char* wrong : {"", "4GB", "4gib", "0x10", "4GiB!", "20000000TiB"}) {
    EXPECT_EQ(parse_size(wrong), std::nullopt) << wrong;
  }
}

TEST(Units, AreWrittenInTheLargestUnitThatFits) {
  EXPECT_EQ(format_duration(Milliseconds(10'000)), "10s");
  EXPECT_EQ(format_duration(Milliseconds(1'500)), "1500ms");
  EXPECT_EQ(format_duration(Milliseconds(3'600'000)), "1h");
  EXPECT_EQ(format_size(8ULL << 20), "8MiB");
  EXPECT_EQ(format_size(1025), "1025B");
  EXPECT_EQ(format_size(0), "0B");
}

}  // namespace
}  // namespace waybill::config
