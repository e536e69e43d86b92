#include "validation/test_support.h"

namespace waybill::validation {
namespace {

using namespace test;
using report::Rule;

TEST(ArticleContext, OfAGoodArticleFindsNothing) {
  GoodArticle good;
  check_article_context(good.article, good.known);
  EXPECT_EQ(codes(good.article.findings), "no findings");
  EXPECT_TRUE(good.article.acceptable);
}

TEST(ArticleContext, NamesTheFolderThatIsMeant) {
  const Marked input(R"({"name": "N", "folder": {"path": @@"Guidse/Start"}, "content": "content/a.html"})");
  CheckedArticle article = article_of(input.text);
  FakeKnown known;
  known.files = {{"content/a.html", 1}};
  known.folders = {"Guides", "Guides/Start", "News"};
  check_article_context(article, known);
  const auto finding = only(article.findings, Rule::article_folder_unknown);
  EXPECT_EQ(finding.message, "The folder \"Guidse/Start\" does not exist.");
  EXPECT_EQ(finding.advice, "Did you mean \"Guides/Start\"?");
  EXPECT_EQ(finding.item, "Guidse/Start/N");
  EXPECT_EQ(finding.location.pointer, "/articles/7/folder/path");
  EXPECT_EQ(finding.location.line, 1U);
  EXPECT_EQ(finding.location.column, input.column);
  EXPECT_FALSE(article.acceptable);
}

TEST(ArticleContext, NamesTheNearestFolderThatExists) {
  const auto advice = [](const std::string& path) {
    CheckedArticle article =
        article_of(R"({"name": "N", "folder": {"path": ")" + path + R"("}, "content": "content/a.html"})");
    FakeKnown known;
    known.files = {{"content/a.html", 1}};
    known.folders = {"Guides", "Guides/Start", "News"};
    check_article_context(article, known);
    return only(article.findings, Rule::article_folder_unknown).advice;
  };
  EXPECT_EQ(advice("Guides/Quite/Different"), "The nearest that exists is \"Guides\".");
  EXPECT_EQ(advice("Xylophone"), "Folders at the top: \"Guides\", \"News\".");
}

TEST(ArticleContext, FindsAllThatIsMissingAtOnce) {
  CheckedArticle article =
      article_of(R"({"name": "N", "folder": {"path": "X"}, "content": "content/how-too.html",
    "languageCode": "fr-FR", "articleType": {"typeName": "New"},
    "attachments": [{"name": "a", "path": "resources/manaul.pdf"}, {"name": "b", "path": "resources/empty"},
                    {"name": "c", "path": "resources/big"}, {"name": "d", "path": "resources/just"}]})");
  FakeKnown known;
  known.files = {{"content/how-to.html", 1},
                 {"resources/manual.pdf", 1},
                 {"resources/empty", 0},
                 {"resources/big", (25U << 20) + 1},
                 {"resources/just", 25U << 20}};
  check_article_context(article, known);
  only(article.findings, Rule::article_folder_unknown);
  EXPECT_EQ(only(article.findings, Rule::article_language_off).message,
            "The language \"fr-FR\" is not enabled for the department.");
  EXPECT_EQ(only(article.findings, Rule::article_type_new).message,
            "The article type \"New\" is new and will be made.");
  const auto content = only(article.findings, Rule::article_content_missing);
  EXPECT_EQ(content.message, "The content file \"content/how-too.html\" is not in the package.");
  EXPECT_EQ(content.advice, "Did you mean \"content/how-to.html\"?");
  EXPECT_EQ(content.location.pointer, "/articles/7/content");
  const auto missing = only(article.findings, Rule::attachment_missing);
  EXPECT_EQ(missing.message, "The attachment \"resources/manaul.pdf\" is not in the package.");
  EXPECT_EQ(missing.advice, "Did you mean \"resources/manual.pdf\"?");
  EXPECT_EQ(missing.location.pointer, "/articles/7/attachments/0/path");
  std::set<std::string> sizes;
  for (const auto& finding : article.findings) {
    if (finding.rule == Rule::attachment_size) sizes.insert(finding.message);
  }
  EXPECT_EQ(
      sizes,
      (std::set<std::string>{
          "The attachment \"resources/empty\" is empty.",
          "The attachment \"resources/big\" has 26214401 bytes, at most 26214400 (25 MiB) are allowed."}));
  EXPECT_FALSE(article.acceptable);
}

TEST(ArticleContext, ANewTypeAloneLeavesTheArticleAcceptable) {
  GoodArticle good;
  good.known.types.clear();
  check_article_context(good.article, good.known);
  only(good.article.findings, Rule::article_type_new);
  EXPECT_TRUE(good.article.acceptable);
}

TEST(ArticleContext, FindsContentThatWasGivenFromTheWrongFolder) {
  for (const std::string path : {"knowledgehub/articles/content/a.html", "a.html", "content/%61.html"}) {
    CheckedArticle article =
        article_of(R"({"name": "N", "folder": {"path": "F"}, "content": ")" + path + "\"}");
    FakeKnown known;
    known.folders = {"F"};
    known.files = {{"content/a.html", 1}};
    check_article_context(article, known);
    EXPECT_EQ(only(article.findings, Rule::article_content_missing).advice,
              "Did you mean \"content/a.html\"?")
        << path;
  }
}

TEST(ArticleContext, AsksNothingOfWhatWasRefusedAlready) {
  CheckedArticle article =
      article_of(R"({"name": "N", "folder": {"path": "/X"}, "content": 1, "languageCode": null})");
  const std::size_t before = article.findings.size();
  check_article_context(article, FakeKnown());
  EXPECT_EQ(article.findings.size(), before) << codes(article.findings);
}

TEST(TopicContext, WarnsOfEachReferenceThatLeadsNowhere) {
  const Marked input(R"({"topics": [{"name": "T", "addArticles": {"fromArticles": [{"path": "F/N"},
    {"path": @@"Ff/N"}, {"path": "F"}], "fromFolders": [{"path": "F"}, {"path": "G"}]}}]})");
  Hub hub = hub_of(input.text);
  FakeKnown known;
  known.folders = {"F"};
  known.articles = {"F/N"};
  CheckedTopic& topic = hub.topics.at(0);
  check_topic_context(topic, known);
  ASSERT_EQ(topic.findings.size(), 3U) << codes(topic.findings);
  EXPECT_EQ(topic.findings[0].rule, Rule::topic_article_unknown);
  EXPECT_EQ(topic.findings[0].message, "The article \"Ff/N\" does not exist.");
  EXPECT_EQ(topic.findings[0].advice, "Did you mean \"F/N\"?");
  EXPECT_EQ(topic.findings[0].location.pointer, "/topics/0/addArticles/fromArticles/1/path");
  EXPECT_EQ(topic.findings[0].location.line, input.line);
  EXPECT_EQ(topic.findings[0].location.column, input.column);
  EXPECT_EQ(topic.findings[1].advice, "That is a folder: name it in \"fromFolders\".");
  EXPECT_EQ(topic.findings[2].rule, Rule::topic_folder_unknown);
  EXPECT_EQ(topic.findings[2].message, "The folder \"G\" does not exist.");
  EXPECT_EQ(topic.findings[2].location.pointer, "/topics/0/addArticles/fromFolders/1/path");
  EXPECT_EQ(topic.findings[2].item, "T");
  EXPECT_TRUE(topic.acceptable);
}

TEST(PortalContext, WarnsOfEachReferenceThatLeadsNowhere) {
  Hub hub = hub_of(R"({"portals": [{"name": "P", "addTopics": {"fromTopics": [{"path": "/T"}, {"path": "T"}],
    "fromFolders": [{"path": "Nwes"}]}}]})");
  FakeKnown known;
  known.folders = {"News"};
  known.topics = {"T"};
  CheckedPortal& portal = hub.portals.at(0);
  check_portal_context(portal, known);
  const auto topic = only(portal.findings, Rule::portal_topic_unknown);
  EXPECT_EQ(topic.message, "The topic \"/T\" does not exist.");
  EXPECT_EQ(topic.advice, "Did you mean \"T\"?");
  EXPECT_EQ(topic.location.pointer, "/portals/0/addTopics/fromTopics/0/path");
  const auto folder = only(portal.findings, Rule::portal_folder_unknown);
  EXPECT_EQ(folder.message, "The folder \"Nwes\" does not exist.");
  EXPECT_EQ(folder.advice, "Did you mean \"News\"?");
  EXPECT_TRUE(portal.acceptable);
}

}  // namespace
}  // namespace waybill::validation
