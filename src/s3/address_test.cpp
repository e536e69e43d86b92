#include "s3/address.h"

#include <gtest/gtest.h>

namespace waybill::s3 {
namespace {

TEST(ParseUri, TakesBucketAndKeyApart) {
  const auto address = parse_uri("s3://my-bucket/a%20b/c+d%25.zip");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->bucket, "my-bucket");
  EXPECT_EQ(address->key, "a b/c+d%.zip");
  EXPECT_EQ(parse_uri("S3://bucket")->key, "");
  EXPECT_EQ(parse_uri("s3://bucket/folder/")->key, "folder/");
  EXPECT_EQ(parse_uri("s3://bucket//x")->key, "/x");
}

TEST(ParseUri, RefusesWhatNamesNoBucket) {
  for (const char* uri : {"s3:///key", "s3://ab/key", "s3://a b/key", "http://bucket/key", "s3://bucket/%zz",
                          "s3://bucket/%00", "s3://bucket/%ff"}) {
    EXPECT_FALSE(parse_uri(uri).ok()) << uri;
  }
}

}  // namespace
}  // namespace waybill::s3
