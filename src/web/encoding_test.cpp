#include "web/encoding.h"

#include <gtest/gtest.h>

namespace waybill::web {
namespace {

Encoding of_all(std::string_view header) {
  return choose_encoding(header, true, true);
}

TEST(Encoding, IsTheSmallestThatTheClientTakes) {
  EXPECT_EQ(of_all("gzip, deflate, br"), Encoding::brotli);
  EXPECT_EQ(of_all("gzip, deflate"), Encoding::gzip);
  EXPECT_EQ(of_all("deflate"), Encoding::identity);
  EXPECT_EQ(of_all(""), Encoding::identity);
  EXPECT_EQ(of_all("*"), Encoding::brotli);
}

TEST(Encoding, FollowsTheClientsWeights) {
  EXPECT_EQ(of_all("br;q=0.5, gzip"), Encoding::gzip);
  EXPECT_EQ(of_all("br;q=0, gzip;q=0.1"), Encoding::gzip);
  EXPECT_EQ(of_all("br; Q=1.0 , GZIP;q=0.9"), Encoding::brotli);
  EXPECT_EQ(of_all("br;q=0, gzip;q=0, *"), Encoding::identity);
  EXPECT_EQ(of_all("br;q=nonsense, gzip;q=7"), Encoding::identity);
}

TEST(Encoding, IsNeverOneThatIsNotThere) {
  EXPECT_EQ(choose_encoding("br, gzip", true, false), Encoding::gzip);
  EXPECT_EQ(choose_encoding("br, gzip", false, false), Encoding::identity);
}

}  // namespace
}  // namespace waybill::web
