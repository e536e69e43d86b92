#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "api/testing.h"

namespace waybill::api {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kBody =
    R"({"dataSource": {"type": "Shared file path", "path": "file:///packages/a.zip"}})";

class SourceCheckTest : public ApiTest {};

TEST_F(SourceCheckTest, TellsEachStepAndWhetherAllWentWell) {
  source_checks =
      std::vector<SourceCheck>{{"listing", true, "1 file"}, {"package", false, "no zip", "Pack it."}};
  const auto answer = call("checkSource", {}, {.body = kBody});
  ASSERT_EQ(answer.status, 200) << body_of(answer);
  EXPECT_EQ(boost::json::parse(body_of(answer)), boost::json::parse(R"({"fine": false, "checks": [
      {"what": "listing", "fine": true, "found": "1 file"},
      {"what": "package", "fine": false, "found": "no zip", "advice": "Pack it."}]})"));
  EXPECT_THAT(tried, ElementsAre("file:///packages/a.zip"));
  EXPECT_THAT(store.rows, IsEmpty()) << "it is no job";
}

TEST_F(SourceCheckTest, WhatASubmissionIsRefusedForIsNotTried) {
  source_fault = Error{ErrorCode::permission_denied, "below no root"};
  const auto answer = call("checkSource", {}, {.body = kBody});
  EXPECT_EQ(code_of(answer), "400-152");
  EXPECT_THAT(body_of(answer), HasSubstr("below no root"));
  EXPECT_EQ(code_of(call("checkSource", {}, {.body = "{}"})), "400-152");
  EXPECT_EQ(code_of(call("checkSource", {}, {.body = "{"})), "400-100");
  EXPECT_THAT(tried, IsEmpty());
}

TEST_F(SourceCheckTest, TooManyAtOnceAreToldWhenToTryAgain) {
  source_checks = Error{ErrorCode::limit_exceeded, "Two are under way."};
  const auto answer = call("checkSource", {}, {.body = kBody});
  EXPECT_EQ(code_of(answer), "429-100");
  EXPECT_EQ(header_of(answer, "Retry-After"), "5");
}

TEST_F(SourceCheckTest, AStoppingServerIsUnavailable) {
  source_checks = Error{ErrorCode::cancelled, "stopped"};
  EXPECT_EQ(call("checkSource", {}, {.body = kBody}).status, 503);
}

}  // namespace

}  // namespace waybill::api
