#include "source/s3/s3.h"

#include <gtest/gtest.h>

namespace waybill::source {
namespace {

TEST(ReadS3Credentials, TakesBothSpellings) {
  const auto one = read_s3_credentials(R"({"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T"})");
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->secret_access_key.reveal(), "S");
  EXPECT_EQ(one->session_token.reveal(), "T");
  const auto other = read_s3_credentials(R"({"accessKey":"A","secretKey":"S"})");
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->access_key_id, "A");
  EXPECT_FALSE(read_s3_credentials("").ok());
  EXPECT_FALSE(read_s3_credentials(R"({"accessKeyId":"A"})").ok());
}

}  // namespace
}  // namespace waybill::source
