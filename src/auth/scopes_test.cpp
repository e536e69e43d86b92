#include "auth/scopes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waybill::auth {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> kBoth{"knowledge.contentmgr.manage", "knowledge.contentmgr.read"};
const std::vector<std::string> kPrefixes{"api://waybill/"};

TEST(Scopes, NothingAskedForMeansAllThatWasGranted) {
  EXPECT_EQ(choose_scopes("", kBoth, {}), kBoth);
}

TEST(Scopes, DefaultStandsForAllThatWasGrantedWithAndWithoutPrefix) {
  EXPECT_EQ(choose_scopes(".default", kBoth, kPrefixes), kBoth);
  EXPECT_EQ(choose_scopes("api://waybill/.default", kBoth, kPrefixes), kBoth);
  EXPECT_EQ(choose_scopes("api://waybill/.default", kBoth, {"api://waybill"}), kBoth);
}

TEST(Scopes, ASubsetIsGrantedInItsBareForm) {
  EXPECT_THAT(*choose_scopes("app.knowledge.contentmgr.read", kBoth, {}),
              ElementsAre("knowledge.contentmgr.read"));
  EXPECT_THAT(*choose_scopes("api://waybill/knowledge.contentmgr.read", kBoth, kPrefixes),
              ElementsAre("knowledge.contentmgr.read"));
}

TEST(Scopes, WhatWasNotGrantedIsRefused) {
  EXPECT_FALSE(choose_scopes("knowledge.contentmgr.read waybill.admin", kBoth, {}));
  EXPECT_FALSE(choose_scopes("other://knowledge.contentmgr.read", kBoth, kPrefixes));
}

TEST(Scopes, HasScopeComparesWhole) {
  EXPECT_TRUE(has_scope({"app.knowledge.contentmgr.read"}, kReadScope));
  EXPECT_FALSE(has_scope({"knowledge.contentmgr.readonly"}, kReadScope));
  EXPECT_FALSE(has_scope({}, kReadScope));
}

TEST(Scopes, AnOperatorsMisspellingIsNamedWithTheNearest) {
  const auto checked = check_granted({"knowledge.contentmgr.mange"});
  ASSERT_FALSE(checked.ok());
  EXPECT_THAT(checked.error().message, ::testing::HasSubstr("did you mean 'knowledge.contentmgr.manage'"));
  EXPECT_FALSE(check_granted({}).ok());
}

TEST(Scopes, GrantedScopesAreKeptBareAndOnce) {
  EXPECT_THAT(*check_granted({"app.waybill.admin", "waybill.admin"}), ElementsAre("waybill.admin"));
}

TEST(Scopes, SplitIgnoresRepeatedSpaces) {
  EXPECT_THAT(split_scopes(" a  b "), ElementsAre("a", "b"));
  EXPECT_THAT(split_scopes(""), IsEmpty());
  EXPECT_EQ(join_scopes({"a", "b"}), "a b");
}

}  // namespace
}  // namespace waybill::auth
