#include "api/error.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "base/text.h"

namespace waybill::api {
namespace {

namespace json = boost::json;

json::object body_of(const http::Response& response) {
  return json::parse(response.body).as_object();
}

TEST(ApiErrors, HaveUniqueCodesThatBeginWithTheirStatus) {
  std::set<std::string> codes;
  for (int i = 0; i <= static_cast<int>(Code::unavailable); ++i) {
    const auto code = static_cast<Code>(i);
    EXPECT_TRUE(codes.insert(code_text(code)).second) << code_text(code);
    EXPECT_TRUE(code_text(code).starts_with(std::to_string(http_status(code)) + "-"));
  }
}

TEST(ApiErrors, AreJsonWithCodeMessageAndDetails) {
  const auto response = to_response(invalid_value("Not a date.", "scheduleTime.date", "2024-13-01"), nullptr);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.get("content-type"), "application/json");
  EXPECT_EQ(response.body, R"({"code":"400-152","developerMessage":"Not a date.",)"
                           R"("details":[{"key":"scheduleTime.date","value":"2024-13-01"}]})");
}

TEST(ApiErrors, KeepTheLimitsOfTheContract) {
  std::string long_text;
  for (int i = 0; i < 400; ++i) long_text += "é";
  ApiError error{Code::invalid_value, long_text};
  for (int i = 0; i < 50; ++i) error.details.push_back({long_text, "\xFF"});
  const auto body = body_of(to_response(error, nullptr));
  const std::string message(body.at("developerMessage").as_string());
  EXPECT_EQ(utf8_length(message), 255U);
  EXPECT_TRUE(message.ends_with("…"));
  EXPECT_EQ(body.at("details").as_array().size(), 30U);
  EXPECT_FALSE(first_invalid_utf8(to_response(error, nullptr).body));
}

TEST(ApiErrors, ExactlyTheLimitIsNotCut) {
  const std::string text(255, 'x');
  EXPECT_EQ(body_of(to_response({Code::internal, text}, nullptr)).at("developerMessage"), json::value(text));
}

TEST(ApiErrors, HaveAUserMessageWhereAskedFor) {
  http::Request request;
  EXPECT_FALSE(body_of(to_response({Code::internal, {}}, &request)).contains("userMessage"));
  request.headers.set("x-EGAIN-error-message", "yes");
  EXPECT_TRUE(body_of(to_response({Code::internal, {}}, &request)).contains("userMessage"));
}

TEST(ApiErrors, OfTheHttpLayerHaveTheSameShape) {
  using http::Refusal;
  for (const auto& [kind, code] :
       std::initializer_list<std::pair<Refusal, const char*>>{{Refusal::not_found, "404-100"},
                                                              {Refusal::method_not_allowed, "405-100"},
                                                              {Refusal::request_timeout, "408-100"},
                                                              {Refusal::body_too_large, "413-100"},
                                                              {Refusal::head_too_large, "431-100"},
                                                              {Refusal::too_many_requests, "429-100"},
                                                              {Refusal::internal_error, "500-100"},
                                                              {Refusal::unavailable, "503-100"},
                                                              {Refusal::bad_request, "400-152"}}) {
    const auto response = refusal(kind, nullptr, "GET, POST");
    EXPECT_EQ(body_of(response).at("code"), code);
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  }
  EXPECT_EQ(refusal(Refusal::method_not_allowed, nullptr, "GET, POST").headers.get("Allow"), "GET, POST");
}

TEST(ApiErrors, OfTheServerTellNothingOfItsInsides) {
  const auto error = from_error({ErrorCode::io, "cannot open /var/lib/secret", "errno 5"});
  EXPECT_EQ(code_text(error.code), "503-100");
  EXPECT_EQ(to_response(error, nullptr).body.find("secret"), std::string::npos);
  EXPECT_EQ(code_text(from_error({ErrorCode::no_space, "disk"}).code), "503-100");
}

}  // namespace
}  // namespace waybill::api
