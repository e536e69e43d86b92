#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/uri.h"

namespace waybill::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    add("GET", "/import/content/{id}/status");
    add("POST", "/import/content/{id}/cancel");
    add("GET", "/import/content/health");
    add("POST", "/import/content");
    add("GET", "/import/content");
  }
  void add(const char* method, const char* path) {
    Route route;
    route.method = method;
    route.path = path;
    router_.add(std::move(route));
  }
  std::string found(std::string_view method, std::string_view path) {
    const auto match = router_.find(method, path, values_);
    return match.route == nullptr ? "none" : match.route->method + " " + match.route->path;
  }
  Router router_;
  std::vector<std::string> values_;
};

TEST_F(RouterTest, FindsFixedPathsBeforeParameters) {
  EXPECT_EQ(found("GET", "/import/content/health"), "GET /import/content/health");
  EXPECT_THAT(values_, IsEmpty());
  EXPECT_EQ(found("GET", "/import/content/ABC/status"), "GET /import/content/{id}/status");
  EXPECT_THAT(values_, ElementsAre("ABC"));
  // "health" is also a value where the fixed path leads no further.
  EXPECT_EQ(found("GET", "/import/content/health/status"), "GET /import/content/{id}/status");
  EXPECT_THAT(values_, ElementsAre("health"));
}

TEST_F(RouterTest, DecodesValuesAndKeepsAnEncodedSlashInItsSegment) {
  EXPECT_EQ(found("GET", "/import/content/a%2Fb%20c/status"), "GET /import/content/{id}/status");
  EXPECT_THAT(values_, ElementsAre("a/b c"));
  EXPECT_EQ(found("GET", "/import%2Fcontent/health"), "none");
}

TEST_F(RouterTest, ParameterNeverMatchesAnEmptySegment) {
  EXPECT_EQ(found("GET", "/import/content//status"), "none");
  EXPECT_EQ(found("GET", "/import/content/"), "none");
}

TEST_F(RouterTest, NamesTheMethodsThatAPathHas) {
  EXPECT_EQ(router_.find("DELETE", "/import/content", values_).allow, "POST, GET, HEAD");
  EXPECT_EQ(router_.find("GET", "/import/content/A/cancel", values_).allow, "POST");
  EXPECT_EQ(router_.find("GET", "/nowhere", values_).allow, "");
}

TEST_F(RouterTest, HeadFindsTheGetRoute) {
  EXPECT_EQ(found("HEAD", "/import/content/health"), "GET /import/content/health");
  EXPECT_EQ(found("HEAD", "/import/content/A/cancel"), "none");
}

Request parsed(std::string target) {
  Request request;
  request.target = std::move(target);
  EXPECT_TRUE(parse_target(request)) << request.target;
  return request;
}

TEST(Target, RepeatedSlashesCountAsOne) {
  EXPECT_EQ(parsed("//knowledge///v4/x").path, "/knowledge/v4/x");
  EXPECT_EQ(parsed("/a%2F%2fb//c").path, "/a%2F%2fb/c");
}

TEST(Target, AbsoluteFormGivesItsPath) {
  EXPECT_EQ(parsed("http://host:80/a?b=c").path, "/a");
  EXPECT_EQ(parsed("HTTPS://host?b=c").path, "/");
  EXPECT_EQ(parsed("http://host").path, "/");
}

TEST(Target, QueryIsDecodedInOrder) {
  const auto query = parsed("/a?x=1&y=a+b%26c&&flag&x=&=v").query;
  ASSERT_EQ(query.size(), 5U);
  EXPECT_EQ(query[0].name + "|" + query[0].value, "x|1");
  EXPECT_EQ(query[1].name + "|" + query[1].value, "y|a b&c");
  EXPECT_EQ(query[2].name + "|" + query[2].value, "flag|");
  EXPECT_EQ(query[3].name + "|" + query[3].value, "x|");
  EXPECT_EQ(query[4].name + "|" + query[4].value, "|v");
}

TEST(Target, BrokenOnesAreRefused) {
  for (const char* wrong : {"", "a", "*", "/%", "/%4", "/%zz", "/a?b=%g1", "/a#b", "http://", "http:///a",
                            "ftp://host/a", "host:80", "/a\x80", "http://user@host/a"}) {
    Request request;
    request.target = wrong;
    EXPECT_FALSE(parse_target(request)) << wrong;
  }
}

TEST(RequestId, IsTakenOverWhereItIsVisibleAsciiAndShort) {
  Headers headers;
  headers.set("x-request-id", "abc-123");
  EXPECT_EQ(accept_request_id(headers), "abc-123");
  for (const std::string& wrong :
       {std::string(), std::string("a b"), std::string("a\xC3\xA9"), std::string(129, 'a')}) {
    headers.set("X-Request-Id", wrong);
    const std::string made = accept_request_id(headers);
    EXPECT_NE(made, wrong);
    EXPECT_EQ(made.size(), 36U);
  }
}

}  // namespace
}  // namespace waybill::http
