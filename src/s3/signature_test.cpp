#include "s3/signature.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"

namespace waybill::s3 {
namespace {

// The examples of "Signature Calculations for the Authorization Header" in Amazon's S3 API Reference.
const Credentials kExample{"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), {}};

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

}  // namespace
}  // namespace waybill::s3
