#include "s3/answers.h"

#include <gtest/gtest.h>

namespace waybill::s3 {
namespace {

// Shortened from "ListObjectsV2" in Amazon's S3 API Reference.
constexpr std::string_view kPage = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>bucket</Name><Prefix>folder/</Prefix><KeyCount>2</KeyCount><MaxKeys>2</MaxKeys>
  <IsTruncated>true</IsTruncated>
  <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
  <Contents><Key>folder/a&amp;b.zip</Key><ETag>"fba9dede5f27731c9771645a39863328"</ETag><Size>434234</Size></Contents>
  <Contents><Key>folder/c</Key><Size>0</Size></Contents>
</ListBucketResult>)";

TEST(ReadPage, GivesObjectsAndTheTokenOfTheNext) {
  const auto page = read_page(kPage);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->next, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
  ASSERT_EQ(page->objects.size(), 2U);
  EXPECT_EQ(page->objects[0].key, "folder/a&b.zip");
  EXPECT_EQ(page->objects[0].size, 434'234U);
  EXPECT_EQ(page->objects[0].etag, "\"fba9dede5f27731c9771645a39863328\"");
  EXPECT_EQ(page->objects[1].etag, "");
}

TEST(ReadPage, TheLastOneNamesNoOther) {
  const auto page = read_page(
      "<ListBucketResult><IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken>"
      "</ListBucketResult>");
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->next, "");
  EXPECT_TRUE(page->objects.empty());
}

TEST(ReadPage, WhatIsNoneIsRefused) {
  for (const std::string_view body : {"", "<html>", "<Error><Code>x</Code></Error>", "<ListBucketResult>",
                                      "<ListBucketResult><Contents></ListBucketResult>"}) {
    EXPECT_FALSE(read_page(body).has_value()) << body;
  }
}

TEST(ReadPage, ATagThatWouldEndAHeaderIsLeftOut) {
  const auto page = read_page(
      "<ListBucketResult><Contents><Key>k</Key><ETag>\"a\"&#13;&#10;x-amz-acl: public-read</ETag></Contents>"
      "</ListBucketResult>");
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->objects.at(0).etag, "");
}

TEST(ReadPage, ElementsInsideEachOtherWithoutEndAreRefused) {
  std::string deep = "<ListBucketResult>";
  for (int i = 0; i < 1'000'000; ++i) deep += "<a>";
  EXPECT_FALSE(read_page(deep).has_value());
  for (int i = 0; i < 1'000'000; ++i) deep += "</a>";
  const auto page = read_page(deep + "</ListBucketResult>");
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->objects.empty());
}

TEST(ReadRefusal, SaysWhatTheStoreSays) {
  const auto why = read_refusal(
      "<Error><Code>PermanentRedirect</Code><Message>m</Message><Region>eu-west-1</Region></Error>");
  EXPECT_EQ(why.code, "PermanentRedirect");
  EXPECT_EQ(why.message, "m");
  EXPECT_EQ(why.region, "eu-west-1");
  EXPECT_EQ(read_refusal("not XML").code, "");
}

TEST(WholeSize, IsReadOfTheFirstBytesRangeAlone) {
  EXPECT_EQ(whole_size("bytes 0-0/123"), 123U);
  EXPECT_EQ(whole_size("bytes 1-1/123"), std::nullopt);
  EXPECT_EQ(whole_size(""), std::nullopt);
}

}  // namespace
}  // namespace waybill::s3
