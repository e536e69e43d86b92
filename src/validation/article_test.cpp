#include "validation/test_support.h"

namespace waybill::validation {
namespace {

using namespace test;
using report::Rule;

bool acceptable(const std::string& members) {
  return article_of(with_members(members)).acceptable;
}

std::string advice_of(const std::string& members, Rule rule) {
  return only(article_of(with_members(members)).findings, rule).advice;
}

TEST(Article, IsReadWhole) {
  const CheckedArticle article = article_of(R"({"name": "How to", "folder": {"path": "Guides/Start"},
    "content": "./content/how.HTML", "description": "d", "articleSummary": "s", "articleKeywords": "k",
    "additionalInfo": "i", "articleMacro": "how_to", "articleType": {"typeName": "Guide"}, "languageCode": "ja-JA",
    "availabilityDate": "2024-02-29T10:00:00Z", "expirationDate": "2024-02-29T10:00:00.001Z",
    "customAttributes": [{"name": "a", "type": "text", "value": ["1", ""]}],
    "attachments": [{"name": "Manual", "path": "./resources/./m.pdf"}],
    "tags": ["t", {"category": "c", "name": "n"}, {"name": "m"}],
    "imageURL": "HTTPS://user@[::1]:8080/x.png?a#b", "includeInGenAI": false})");
  EXPECT_TRUE(article.acceptable) << codes(article.findings);
  EXPECT_EQ(article.findings.size(), 1U) << codes(article.findings);
  only(article.findings, Rule::article_language_old);
  const knowledge::Article& item = article.item;
  EXPECT_EQ(item.path(), "Guides/Start/How to");
  EXPECT_EQ(item.content_path, "content/how.HTML");
  EXPECT_EQ(item.description + item.summary + item.keywords + item.additional_info, "dski");
  EXPECT_EQ(item.macro, "how_to");
  EXPECT_EQ(item.type_name, "Guide");
  EXPECT_EQ(item.language, "ja-JP");
  EXPECT_EQ(item.availability, parse_time("2024-02-29T10:00:00.000Z"));
  EXPECT_EQ(item.expiration, parse_time("2024-02-29T10:00:00.001Z"));
  ASSERT_EQ(item.attributes.size(), 1U);
  EXPECT_EQ(item.attributes[0].values, (std::vector<std::string>{"1", ""}));
  ASSERT_EQ(article.attachments.size(), 1U);
  EXPECT_EQ(article.attachments[0].name, "Manual");
  EXPECT_EQ(article.attachments[0].path, "resources/m.pdf");
  EXPECT_EQ(article.attachments[0].location.pointer, "/articles/7/attachments/0/path");
  ASSERT_EQ(item.tags.size(), 3U);
  EXPECT_EQ(item.tags[1].category + "=" + item.tags[1].name, "c=n");
  EXPECT_EQ(item.image_url, "HTTPS://user@[::1]:8080/x.png?a#b");
  EXPECT_EQ(item.include_in_gen_ai, false);
  EXPECT_EQ(article.location.pointer, "/articles/7");
  EXPECT_EQ(article.folder_location.pointer, "/articles/7/folder/path");
  EXPECT_EQ(article.macro_location.line, 3U);
}

TEST(Article, ShowsAllOfItsProblemsAtOnce) {
  const CheckedArticle article = article_of(R"({"name": "", "folder": "A/B", "content": "/x.pdf",
    "articleMacro": "a b", "languageCode": "en-us", "expirationDate": "soon", "tags": [{}],
    "articleType": {}, "customAttributes": [{"name": "x"}], "attachments": [null], "includeInGenAI": "yes",
    "imageURL": "http://", "articleSumary": "s"})");
  EXPECT_FALSE(article.acceptable);
  std::set<std::string> pointers;
  for (const auto& finding : article.findings) {
    pointers.insert(finding.location.pointer.substr(std::string("/articles/7").size()));
    EXPECT_EQ(finding.item, "(no name, articles/7)");
    EXPECT_EQ(finding.kind, report::ItemKind::article);
  }
  EXPECT_EQ(pointers,
            (std::set<std::string>{"/name", "/folder", "/content", "/articleMacro", "/languageCode",
                                   "/expirationDate", "/tags/0", "/articleType", "/customAttributes/0",
                                   "/attachments/0", "/includeInGenAI", "/imageURL", "/articleSumary"}))
      << codes(article.findings);
}

TEST(Article, IsNamedInFindingsAsFarAsItIsKnown) {
  EXPECT_EQ(
      only(article_of(R"({"name": "N", "folder": {"path": "F"}})").findings, Rule::article_content).item,
      "F/N");
  EXPECT_EQ(only(article_of(R"({"name": "N", "content": "a.html"})").findings, Rule::article_folder).item,
            "N");
  EXPECT_EQ(
      only(article_of(R"({"folder": {"path": "F"}, "content": "a.html"})").findings, Rule::article_name).item,
      "F/(no name, articles/7)");
}

TEST(Article, WithoutALanguageTakesTheDefault) {
  const auto document = parse(with_members("\"tags\": []"));
  EXPECT_EQ(check_article(document, kFile, "/0", "fr-FR").item.language, "fr-FR");
  EXPECT_EQ(check_article(document, kFile, "/0", "").item.language, "en-US");
}

TEST(Article, ThatIsNoJsonIsOneFinding) {
  const CheckedArticle article = defective_article(
      {Rule::json_duplicate_member, "\"name\" stands twice", {40, 3, 9}}, kFile, "/articles/7");
  EXPECT_FALSE(article.acceptable);
  const auto finding = only(article.findings, Rule::json_duplicate_member);
  EXPECT_EQ(finding.item, "(no name, articles/7)");
  EXPECT_EQ(finding.location.pointer, "/articles/7");
  EXPECT_EQ(finding.location.line, 3U);
  EXPECT_EQ(finding.location.column, 9U);
}

TEST(ArticleDate, HintsAtWhatIsMeant) {
  const auto advice = [](const std::string& date) {
    return advice_of("\"availabilityDate\": \"" + date + "\"", Rule::article_date);
  };
  EXPECT_EQ(advice("2024-03-01T12:30:00+02:30"), "Write \"2024-03-01T10:00:00.000Z\".");
  EXPECT_EQ(advice("2024-03-01"), "Write \"2024-03-01T00:00:00.000Z\".");
  EXPECT_EQ(advice("2024-03-01 10:00:00"), "If it is meant in UTC, write \"2024-03-01T10:00:00.000Z\".");
  EXPECT_EQ(advice("2024-03-01T10:00:00.12Z"), "Write \"2024-03-01T10:00:00.120Z\".");
}

TEST(ArticleDate, SaysWhatDoesNotExist) {
  const auto message = [](const std::string& date) {
    return only(article_of(with_members("\"expirationDate\": \"" + date + "\"")).findings, Rule::article_date)
        .message;
  };
  EXPECT_EQ(message("2100-02-29T00:00:00Z"),
            "The date \"2100-02-29T00:00:00Z\" does not exist: there is no 29 February 2100.");
  EXPECT_EQ(message("2024-04-31T00:00:00Z"),
            "The date \"2024-04-31T00:00:00Z\" does not exist: there is no 31 April 2024.");
  EXPECT_EQ(message("2024-04-30T24:00:00Z"),
            "The date \"2024-04-30T24:00:00Z\" does not exist: hours go from 00 to 23.");
  EXPECT_EQ(message("2024-04-30T23:59:60Z"),
            "The date \"2024-04-30T23:59:60Z\" does not exist: seconds go from 00 to 59.");
}

TEST(ArticleDate, AtTheSameMomentIsNotAfter) {
  EXPECT_FALSE(acceptable(
      R"("availabilityDate": "2024-01-01T00:00:00Z", "expirationDate": "2024-01-01T00:00:00.000Z")"));
}

TEST(ArticleMacro, RefusesWhatTheContractNames) {
  for (const std::string refused : {"<", ">", "`", ",", ".", "?", ";", "&", "\\\"", "'", "!", "/", "+", " ",
                                    "\\t", "\\u00a0", "\\u2003", "\\u3000"}) {
    EXPECT_FALSE(acceptable("\"articleMacro\": \"a" + refused + "b\"")) << refused;
  }
  for (const std::string fine : {"a", "a_b-c:d", "größe", "日本", "{}[]()*#@%^|~=$", ""}) {
    EXPECT_TRUE(acceptable("\"articleMacro\": \"" + fine + "\"")) << fine;
  }
  EXPECT_EQ(advice_of(R"("articleMacro": "how to")", Rule::article_macro), "For example: \"how_to\".");
}

TEST(ArticleLanguage, KnowsThirtyCodesAndEightOlderSpellings) {
  EXPECT_EQ(languages().size(), 30U);
  const std::map<std::string, std::string> older{{"da-DA", "da-DK"}, {"ja-JA", "ja-JP"}, {"ko-KO", "ko-KR"},
                                                 {"no-NB", "nb-NO"}, {"no-NN", "nn-NO"}, {"el-EL", "el-GR"},
                                                 {"cs-CS", "cs-CZ"}, {"sr-SR", "sr-RS"}};
  for (const auto& [old, current] : older) EXPECT_EQ(language_of_older_spelling(old), current);
  EXPECT_EQ(language_of_older_spelling("en-US"), std::nullopt);
  EXPECT_EQ(advice_of(R"("languageCode": "en-us")", Rule::article_language), "Did you mean \"en-US\"?");
}

TEST(ArticleFolder, IsAtMostTwentyDeep) {
  const auto with_depth = [](int depth) {
    std::string path = "a";
    for (int i = 1; i < depth; ++i) path += "/a";
    return article_of(R"({"name": "N", "content": "a.html", "folder": {"path": ")" + path + "\"}}");
  };
  EXPECT_TRUE(with_depth(20).acceptable);
  EXPECT_EQ(only(with_depth(21).findings, Rule::article_folder).message,
            "The folder's path is 21 folders deep, at most 20 are allowed.");
}

TEST(ArticleFolder, WithSlashesAtItsEndsIsShownWithout) {
  for (const std::string path : {"/A/B", "A/B/", "A//B", "/A//B/"}) {
    const auto article =
        article_of(R"({"name": "N", "content": "a.html", "folder": {"path": ")" + path + "\"}}");
    EXPECT_EQ(only(article.findings, Rule::article_folder).advice, "Write \"A/B\".") << path;
  }
}

TEST(ArticleLists, AreBounded) {
  const auto list = [](const std::string& element, int times) {
    std::string text = "[";
    for (int i = 0; i < times; ++i) text += (i == 0 ? "" : ",") + element;
    return text + "]";
  };
  const std::string attribute = R"({"name": "a", "type": "t", "value": []})";
  const std::string attachment = R"({"name": "a", "path": "resources/a"})";
  EXPECT_TRUE(acceptable("\"customAttributes\": " + list(attribute, 15)));
  EXPECT_FALSE(acceptable("\"customAttributes\": " + list(attribute, 16)));
  EXPECT_TRUE(acceptable("\"attachments\": " + list(attachment, 50)));
  EXPECT_FALSE(acceptable("\"attachments\": " + list(attachment, 51)));
}

TEST(ArticleImage, NeedsAHost) {
  for (const std::string wrong :
       {"http://", "http:///x", "http://:80", "http://user@", "http://[", "http://[]/", "//h/x",
        "http://h:8x/", "http://a b/", "mailto:x", "h", ""}) {
    EXPECT_FALSE(acceptable("\"imageURL\": \"" + wrong + "\"")) << wrong;
  }
  for (const std::string fine : {"http://h", "https://h:/", "http://h:80/x y"}) {
    EXPECT_EQ(acceptable("\"imageURL\": \"" + fine + "\""), fine.find(' ') == std::string::npos) << fine;
  }
  EXPECT_EQ(advice_of(R"("imageURL": "www.example.org/a.png")", Rule::article_image_url),
            "Write \"https://www.example.org/a.png\".");
}

TEST(Messages, ShowValuesShortenedAndPrintable) {
  const std::string message =
      only(
          article_of(with_members("\"languageCode\": \"a\\n\\u001b" + std::string(500, 'x') + "\"")).findings,
          Rule::article_language)
          .message;
  EXPECT_LT(message.size(), 200U);
  EXPECT_NE(message.find("a\\n\\u001bxxx"), std::string::npos) << message;
}

}  // namespace
}  // namespace waybill::validation
