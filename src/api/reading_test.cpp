#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "api/testing.h"

namespace waybill::api {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

class Reading : public ApiTest {
 protected:
  Reading() {
    knowledge::ArticleRow row;
    row.id = KnowledgeId(7);
    row.article.folder = "Guides/Bikes";
    row.article.name = "Brakes";
    row.article.language = "en-US";
    row.article.type_name = "How-to";
    row.article.body = "<script>alert(1)</script>\r\n\xC3\xA9";
    row.article.attachments.push_back({"Manual \"1\".pdf", "resources/manual.pdf", sha256("bytes"), 5});
    row.article.inline_resources.push_back(
        {"inline_resources/b.png", "inline_resources/b.png", sha256("bytes"), 5});
    row.created = row.modified = now;
    knowledge.article_rows.push_back(row);
    row.id = KnowledgeId(8);
    row.article.name = "Locks";
    knowledge.article_rows.push_back(row);
  }
  static json::object object_of(const http::Response& response) {
    return json::parse(response.body).as_object();
  }
};

TEST_F(Reading, ArticlesAreListedByPages) {
  auto first = object_of(call("listArticles", {}, {.query = {{"limit", "1"}}}));
  EXPECT_EQ(first.at("articles").as_array().size(), 1U);
  EXPECT_EQ(first.at("next"), first.at("articles").at(0).at("id"));
  auto second =
      object_of(call("listArticles", {}, {.query = {{"after", std::string(first.at("next").as_string())}}}));
  EXPECT_EQ(second.at("articles").at(0).at("name"), "Locks");
  EXPECT_FALSE(second.contains("next"));
  EXPECT_EQ(code_of(call("listArticles", {}, {.query = {{"after", "x"}}})), "400-152");
}

TEST_F(Reading, AnArticleHasOnlyTheMembersThatApply) {
  knowledge.links_ = {{{"locks.html", "", "", ""}, KnowledgeId(8)},
                      {{"gone.html", "", "", ""}, std::nullopt}};
  const auto id = to_string(KnowledgeId(7));
  auto object = object_of(call("getArticle", {id}));
  EXPECT_EQ(object.at("folder").at("path"), "Guides/Bikes");
  EXPECT_EQ(object.at("articleType").at("typeName"), "How-to");
  EXPECT_EQ(object.at("links").at(0).at("articleId"), json::value(to_string(KnowledgeId(8))));
  EXPECT_FALSE(object.at("links").at(1).as_object().contains("articleId"));
  for (const char* absent : {"description", "tags", "availabilityDate", "includeInGenAI", "text"}) {
    EXPECT_FALSE(object.contains(absent)) << absent;
  }
  EXPECT_EQ(object.at("inlineResources").at(0).at("path"), "inline_resources/b.png");
}

TEST_F(Reading, ABodyIsByteForByteAndNeverLive) {
  const auto response = call("getArticleContent", {to_string(KnowledgeId(7))});
  EXPECT_EQ(response.body, "<script>alert(1)</script>\r\n\xC3\xA9");
  EXPECT_EQ(header_of(response, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(header_of(response, "Content-Security-Policy"),
            "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'");
  EXPECT_EQ(header_of(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(call("getArticleContent", {to_string(KnowledgeId(7))},
                 {.headers = {{"If-None-Match", header_of(response, "ETag")}}})
                .status,
            304);
}

TEST_F(Reading, FilesAreToBeSavedAndTheirNamesCannotForgeHeaders) {
  const auto id = to_string(KnowledgeId(7));
  const auto attachment = call("getArticleAttachment", {id, "0"});
  EXPECT_EQ(attachment.body, "bytes");
  EXPECT_EQ(header_of(attachment, "Content-Disposition"),
            R"(attachment; filename="Manual _1_.pdf"; filename*=UTF-8''Manual%20%221%22.pdf)");
  EXPECT_EQ(call("getArticleResource", {id, "inline_resources/b.png"}).status, 200);
  EXPECT_EQ(call("getArticleAttachment", {id, "1"}).status, 404);
  EXPECT_EQ(call("getArticleAttachment", {id, "00"}).status, 404);
  EXPECT_EQ(call("getArticleResource", {id, "../secret"}).status, 404);
}

TEST_F(Reading, AnotherDepartmentsArticlesAreNotThere) {
  knowledge.department = Department("other");
  for (const char* operation : {"getArticle", "getArticleContent"}) {
    EXPECT_EQ(code_of(call(operation, {to_string(KnowledgeId(7))})), "404-100");
    EXPECT_EQ(code_of(call(operation, {"x"})), "404-100");
  }
}

TEST_F(Reading, SnippetsCannotCarryMarkup) {
  knowledge.hits.push_back({KnowledgeId(7), "Guides/Bikes/Brakes", "Brakes", "en-US",
                            "a <b> \xEE\x80\x80squeeze\xEE\x80\x81 & go", 1.5});
  const auto hit = object_of(call("searchArticles", {}, {.query = {{"q", "squeeze"}}})).at("hits").at(0);
  EXPECT_EQ(hit.at("snippet"), "a <b> squeeze & go");
  EXPECT_EQ(hit.at("snippetHtml"), "a &lt;b&gt; <mark>squeeze</mark> &amp; go");
  EXPECT_EQ(code_of(call("searchArticles", {}, {.query = {{"q", ""}}})), "400-152");
}

TEST_F(Reading, FoldersTopicsAndPortalsHaveTheirMembers) {
  knowledge.folder_rows.push_back({KnowledgeId(1), {"Guides/Bikes", "How to"}, 2, now});
  knowledge.topic_rows.push_back({KnowledgeId(2), {"Safety/Stopping", "", {}, {}}, {KnowledgeId(7)}, 1, now});
  knowledge.portal_rows.push_back({KnowledgeId(3), {"Riders", "", {}, {}}, {KnowledgeId(2)}, now});
  const auto folder = object_of(call("listFolders")).at("folders").at(0);
  EXPECT_EQ(folder.at("name"), "Bikes");
  EXPECT_EQ(folder.at("articleCount"), 2);
  EXPECT_EQ(object_of(call("listTopics")).at("topics").at(0).at("articles").at(0),
            json::value(to_string(KnowledgeId(7))));
  EXPECT_EQ(object_of(call("listPortals")).at("portals").at(0).at("topics").at(0),
            json::value(to_string(KnowledgeId(2))));
}

}  // namespace
}  // namespace waybill::api
