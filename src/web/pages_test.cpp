#include "web/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/router.h"
#include "web/assets.h"

namespace waybill::web {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Pages : public ::testing::Test {
 protected:
  explicit Pages(std::string issuer = {}) {
    PageOptions options;
    options.version = "1.2.3";
    options.issuer = std::move(issuer);
    options.client_id = "console";
    options.scope = "openid";
    options.not_found = [](const http::Request&, const std::string& text) {
      http::Response response;
      response.status = 404;
      response.body = text;
      return response;
    };
    for (auto& route : routes(std::move(options))) router_.add(std::move(route));
  }

  http::Response get(const std::string& path, std::vector<std::pair<std::string, std::string>> headers = {}) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    for (auto& [name, value] : headers) request.headers.add(name, value);
    const auto match = router_.find("GET", path, request.path_values);
    http::Response got;
    got.status = 0;
    if (match.route == nullptr) return got;
    match.route->handler(request,
                         http::Responder([&](http::Response response) { got = std::move(response); }));
    return got;
  }

  static std::string header(const http::Response& response, std::string_view name) {
    return std::string(response.headers.get(name).value_or("(none)"));
  }

  /// The name of a hashed script of the build.
  static std::string a_script() {
    for (const auto& asset : assets()) {
      if (asset.name.starts_with("assets/") && asset.name.ends_with(".js")) return std::string(asset.name);
    }
    return {};
  }

  void SetUp() override {
    if (assets().empty()) GTEST_SKIP() << "built without the console";
  }

  http::Router router_;
};

TEST_F(Pages, EveryAddressOfTheConsoleIsItsPage) {
  const auto top = get("/console");
  ASSERT_EQ(top.status, 200);
  EXPECT_EQ(header(top, "Content-Type"), "text/html; charset=utf-8");
  for (const auto* path : {"/console/", "/console/jobs", "/console/jobs/7A84B875-6F75-4C7B-B137-0632B62DB0BD",
                           "/console/jobs/7A84B875-6F75-4C7B-B137-0632B62DB0BD/findings/12"}) {
    EXPECT_EQ(*get(path).shared_body, *top.shared_body) << path;
  }
}

TEST_F(Pages, PolicyAllowsNothingInline) {
  const auto policy = header(get("/console"), "Content-Security-Policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("script-src 'self'; style-src 'self';"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
}

TEST_F(Pages, ArticleFrameRunsNothing) {
  const auto policy = header(get("/console/article-frame"), "Content-Security-Policy");
  EXPECT_THAT(policy, HasSubstr("script-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("sandbox allow-same-origin;"));
  EXPECT_THAT(policy, Not(HasSubstr("allow-scripts")));
}

TEST_F(Pages, HashedFilesAreKeptForeverAndPagesCheckedEachTime) {
  EXPECT_EQ(header(get("/console/" + a_script()), "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(header(get("/console"), "Cache-Control"), "no-cache");
}

TEST_F(Pages, EachEncodingHasItsOwnBytesAndTag) {
  const auto path = "/console/" + a_script();
  const auto plain = get(path);
  const auto gzip = get(path, {{"Accept-Encoding", "gzip"}});
  const auto brotli = get(path, {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(header(plain, "Content-Encoding"), "(none)");
  EXPECT_EQ(header(gzip, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(brotli, "Content-Encoding"), "br");
  EXPECT_LT(gzip.shared_body->size(), plain.shared_body->size());
  EXPECT_LT(brotli.shared_body->size(), gzip.shared_body->size());
  EXPECT_NE(header(plain, "ETag"), header(gzip, "ETag"));
  EXPECT_NE(header(gzip, "ETag"), header(brotli, "ETag"));
  EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding");
}

TEST_F(Pages, WhatTheBrowserHasIsNotSentAgain) {
  const auto tag = header(get("/console", {{"Accept-Encoding", "br"}}), "ETag");
  const auto again = get("/console", {{"Accept-Encoding", "br"}, {"If-None-Match", "\"other\", W/" + tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(header(again, "ETag"), tag);
  EXPECT_EQ(get("/console", {{"If-None-Match", tag}}).status, 200) << "another encoding is another answer";
}

TEST_F(Pages, MissingFileIsNotThePage) {
  EXPECT_EQ(get("/console/assets/gone-0000.js").status, 404);
}

TEST_F(Pages, SettingsTellNoIssuerWhereThereIsNone) {
  EXPECT_EQ(get("/console/config.json").body, R"({"version":"1.2.3"})");
}

class PagesWithIssuer : public Pages {
 protected:
  PagesWithIssuer() : Pages("https://login.example.com/realms/kb") {}
};

TEST_F(PagesWithIssuer, TheConsoleMayAskItAndNobodyElse) {
  EXPECT_THAT(header(get("/console"), "Content-Security-Policy"),
              HasSubstr("connect-src 'self' https://login.example.com;"));
  EXPECT_THAT(get("/console/config.json").body, HasSubstr(R"("clientId":"console")"));
}

}  // namespace
}  // namespace waybill::web
