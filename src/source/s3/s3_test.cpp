#include "source/s3/s3.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"

namespace waybill::source {
namespace {

// The examples of "Signature Calculations for the Authorization Header" in Amazon's S3 API Reference.
const S3Credentials kExample{"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), {}};

std::string signature_of(SignedRequest request, std::string_view body = {}) {
  request.payload_hash = to_hex(sha256(body));
  request.headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
  sign(request, kExample, "us-east-1", *parse_time("2013-05-24T00:00:00Z"));
  const std::string& header = request.headers.back().second;
  return header.substr(header.rfind('=') + 1);
}

TEST(Signature, GetsAnObject) {
  EXPECT_EQ(signature_of({"GET", "/test.txt", {}, {{"range", "bytes=0-9"}}, {}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(Signature, PutsAnObject) {
  EXPECT_EQ(signature_of(
                {"PUT",
                 "/test%24file.text",
                 {},
                 {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                 {}},
                "Welcome to Amazon S3."),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(Signature, GetsASubresource) {
  EXPECT_EQ(signature_of({"GET", "/", {{"lifecycle", ""}}, {}, {}}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(Signature, ListsABucket) {
  EXPECT_EQ(signature_of({"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, {}}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(CanonicalQuery, IsSortedAndEncoded) {
  EXPECT_EQ(canonical_query({{"prefix", "a b/+%é"}, {"list-type", "2"}}),
            "list-type=2&prefix=a%20b%2F%2B%25%C3%A9");
}

TEST(ParseS3Uri, TakesBucketAndKeyApart) {
  const auto address = parse_s3_uri("s3://my-bucket/a%20b/c+d%25.zip");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->bucket, "my-bucket");
  EXPECT_EQ(address->key, "a b/c+d%.zip");
  EXPECT_EQ(parse_s3_uri("S3://bucket")->key, "");
  EXPECT_EQ(parse_s3_uri("s3://bucket/folder/")->key, "folder/");
  EXPECT_EQ(parse_s3_uri("s3://bucket//x")->key, "/x");
}

TEST(ParseS3Uri, RefusesWhatNamesNoBucket) {
  for (const char* uri : {"s3:///key", "s3://ab/key", "s3://a b/key", "http://bucket/key", "s3://bucket/%zz",
                          "s3://bucket/%00", "s3://bucket/%ff"}) {
    EXPECT_FALSE(parse_s3_uri(uri).ok()) << uri;
  }
}

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
