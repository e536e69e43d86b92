#include "api/gate.h"

#include <gmock/gmock.h>

#include "api/testing.h"
#include "auth/scopes.h"

namespace waybill::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Gate : public ApiTest {
 protected:
  std::string code(const Sent& sent, const std::string& operation = "listJobs") {
    return code_of(call(operation, {}, sent));
  }
};

TEST_F(Gate, RequestsWithoutAGoodTokenAreChallenged) {
  for (const char* header : {"", "Bearer", "Bearer x", "Basic YTpi", "Bearer a.b.c"}) {
    const auto response = call("listJobs", {}, {.headers = {{"Authorization", header}}, .with_token = false});
    EXPECT_EQ(response.status, 401) << header;
    EXPECT_EQ(code_of(response), "401-101");
    EXPECT_THAT(header_of(response, "WWW-Authenticate"), StartsWith("Bearer error=\"invalid_token\""));
  }
  EXPECT_EQ(call("listJobs", {}, {.with_token = false}).status, 401);
  EXPECT_EQ(call("listJobs", {}, {.headers = {{"Authorization", "bEARER " + token}}}).status, 200);
}

TEST_F(Gate, ReadingNeedsOneOfTwoScopesAndManagingItsOwn) {
  token = token_for("sales", {std::string(auth::kReadScope)});
  EXPECT_EQ(call("listJobs").status, 200);
  EXPECT_EQ(code_of(call("importContent", {}, {.body = "{}"})), "403-197");
  token = token_for("sales", {std::string(auth::kManageScope)});
  EXPECT_EQ(call("listJobs").status, 200);
  token = token_for("sales", {});
  const auto response = call("listJobs");
  EXPECT_EQ(code_of(response), "403-197");
  EXPECT_THAT(header_of(response, "WWW-Authenticate"), HasSubstr("insufficient_scope"));
}

TEST_F(Gate, LanguagesAndMediaTypesThatThereAreNotAre406) {
  EXPECT_EQ(code({.headers = {{"Accept-Language", "th-TH"}}}), "406-100");
  EXPECT_EQ(code({.headers = {{"Accept", "image/png"}}}), "406-100");
  EXPECT_EQ(code({.headers = {{"Accept-Language", "en-US;q=x"}}}), "400-152");
}

TEST_F(Gate, UnknownQueryParametersAreNamed) {
  const auto response = call("listJobs", {}, {.query = {{"colour", "red"}}});
  EXPECT_EQ(code_of(response), "400-101");
  EXPECT_THAT(response.body, HasSubstr("colour"));
  EXPECT_EQ(code({.query = {{"limit", "1"}, {"limit", "2"}}}), "400-152");
  EXPECT_EQ(code({}, "searchArticles"), "400-112");
}

TEST_F(Gate, ChecksComeInOneOrder) {
  Sent sent{.headers = {{"Accept-Language", "th"}}, .query = {{"colour", "red"}}, .with_token = false};
  EXPECT_EQ(code(sent), "401-101");
  sent.with_token = true;
  const std::string good = token;
  token = token_for("sales", {});
  EXPECT_EQ(code(sent), "403-197");
  token = good;
  EXPECT_EQ(code(sent), "406-100");
  sent.headers.clear();
  EXPECT_EQ(code(sent), "400-101");
}

TEST_F(Gate, ACallerWithoutADepartmentFailsAPreconditionUnlessItSeesAll) {
  token = token_for("", {std::string(auth::kManageScope)});
  EXPECT_EQ(code({}), "412-100");
  token = token_for("", {std::string(auth::kManageScope), std::string(auth::kAdminScope)});
  EXPECT_EQ(call("listJobs").status, 200);
  EXPECT_EQ(code({}, "listArticles"), "412-100");
}

TEST_F(Gate, BodiesOfOtherTypesAreRefusedBeforeTheyCome) {
  const auto response =
      call("importContent", {}, {.headers = {{"Content-Type", "text/plain"}}, .body = "{}"});
  EXPECT_EQ(code_of(response), "415-100");
  EXPECT_NE(
      code({.headers = {{"Content-Type", "Application/JSON; charset=utf-8"}}, .body = "{}"}, "importContent"),
      "415-100");
}

TEST_F(Gate, AClientBeyondItsShareIsToldWhenToComeAgainAndNobodyElse) {
  services.requests_per_client = 2;
  const JobId job = add_job().id;
  for (int i = 0; i < 20; ++i) ASSERT_EQ(call("listJobs").status, 200) << i;
  const auto refused = call("listJobs");
  EXPECT_EQ(code_of(refused), "429-100");
  EXPECT_EQ(header_of(refused, "Retry-After"), "1");
  EXPECT_EQ(code_of(call("importContent", {}, {.body = "{}"})), "429-100");
  EXPECT_EQ(call("getJobStatus", {to_string(job)}).status, 200) << "what is in memory is not counted";
  EXPECT_EQ(call("listJobs", {}, {.with_token = false}).status, 401);
  const std::string first = token;
  token = token_for("purchase", {std::string(auth::kReadScope)});
  EXPECT_EQ(call("listJobs").status, 200) << "another client";
  token = first;
  clock.advance(Milliseconds(1'000));
  EXPECT_EQ(call("listJobs").status, 200);
}

TEST_F(Gate, NoLimitIsNone) {
  services.requests_per_client = 0;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(call("listJobs").status, 200) << i;
}

TEST_F(Gate, AKeyMadeElsewhereIsReadWhenATokenNamesIt) {
  clock.advance(Milliseconds(1000));
  auth::Issuer other(auth::IssuerOptions{}, clients, sealer, clock);
  other.set_url("http://issuer.example");
  ASSERT_TRUE(auth::rotate_key(clients, sealer, clock.now()).ok());
  ASSERT_TRUE(other.start().ok());
  auth::Client client;
  client.id = ClientId("wb-2");
  client.department = Department("sales");
  token = other.issue(client, {std::string(auth::kReadScope)})->token;
  EXPECT_EQ(call("listJobs").status, 200);
}

}  // namespace
}  // namespace waybill::api
