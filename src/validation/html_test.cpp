#include "validation/test_support.h"

namespace waybill::validation {
namespace {

using namespace test;
using package::HtmlContent;
using package::HtmlReference;
using report::Rule;

TEST(Reference, IsResolvedFromTheFolderOfTheContent) {
  struct Case {
    std::string url, path;
  };
  for (const Case& one : std::vector<Case>{
           {"b.html", "content/sub/b.html"},
           {"./b.html", "content/sub/b.html"},
           {"../b.html", "content/b.html"},
           {"../../b.html", "b.html"},
           {"../../resources/m.pdf#page=2", "resources/m.pdf"},
           {"b.html?v=1#top", "content/sub/b.html"},
           {"/inline_resources/a.png", "inline_resources/a.png"},
           {"a%20b%C3%A9.png", "content/sub/a bé.png"},
           {"%2e%2e/b.html", "content/b.html"},
           {"x/../b.html", "content/sub/b.html"},
           {"x/..", "content/sub/"},
           {".", "content/sub/"},
           {"..", "content/"},
           {"x/", "content/sub/x/"},
           {"a\\b.html", "content/sub/a\\b.html"},
           {"a//b.html", "content/sub/a//b.html"},
           {"...", "content/sub/..."},
           {"/", ""},
       }) {
    EXPECT_EQ(resolve_reference(one.url, "content/sub/a.html"), one.path) << one.url;
  }
  EXPECT_EQ(resolve_reference("b.html", "a.html"), "b.html");
}

TEST(Reference, ThatLeavesOrCannotBeDecodedIsRefused) {
  for (const std::string url :
       {"../../../b.html", "/..", "/../b", "%", "%4", "%zz", "a%00b", "%FF.png", "x/../../../../b"}) {
    EXPECT_EQ(resolve_reference(url, "content/sub/a.html"), std::nullopt) << url;
  }
}

TEST(Reference, WithASchemeAHostOrNoPathIsLeftAlone) {
  for (const char* url : {"", "#", "#x", "?", "?a=b", "//host/x", "http://h", "mailto:a@b", "javascript:x()",
                          "data:,x", "C:\\x", "a+b-c.1:x"}) {
    EXPECT_TRUE(is_external(url)) << url;
  }
  for (const char* url : {"a", "/a", "./a:b", "a/b:c", "1:x", ":x", "a b:c", "a?b:c", "%61:x"}) {
    EXPECT_FALSE(is_external(url)) << url;
  }
}

/// A body whose references stand where it says, found by their text.
class Body {
 public:
  explicit Body(std::string html) : text(std::move(html)) {}
  Body& refer(const std::string& url, HtmlReference::Kind kind = HtmlReference::Kind::link) {
    const auto at = text.find("'" + url + "'", from_);
    EXPECT_NE(at, std::string::npos) << url;
    from_ = at + 1;
    content.references.push_back(
        {kind, std::string_view(text).substr(at + 1, url.size()), at + 1, at + 1 + url.size()});
    return *this;
  }
  std::string text;
  HtmlContent content;

 private:
  std::size_t from_ = 0;
};

TEST(Html, ReferencesBecomeLinksAndResources) {
  GoodArticle good;
  good.known.files = {{"content/a.html", 1}, {"content/b.html", 1}, {"inline_resources/x.png", 1}};
  good.known.contents = {{"content/a.html", {"F", "N", "en-US"}}, {"content/b.html", {"F", "B", "fr-FR"}}};
  Body body(
      "'b.html' 'b.html' 'b.html#s' 'a.html' '../inline_resources/x.png' '/inline_resources/x.png' "
      "'http://h'");
  body.refer("b.html").refer("b.html").refer("b.html#s").refer("a.html");
  body.refer("../inline_resources/x.png").refer("/inline_resources/x.png").refer("http://h");
  std::vector<std::string> resources;
  check_html(good.article, body.content, body.text, kBodyFile, good.known, resources);
  EXPECT_EQ(codes(good.article.findings), "no findings");
  EXPECT_EQ(resources, std::vector<std::string>{"inline_resources/x.png"});
  const auto& links = good.article.item.links;
  ASSERT_EQ(links.size(), 3U);
  EXPECT_EQ(links[0].url, "b.html");
  EXPECT_EQ(links[0].target_folder + "/" + links[0].target_name + " " + links[0].target_language,
            "F/B fr-FR");
  EXPECT_EQ(links[1].url, "b.html#s");
  EXPECT_EQ(links[2].target_name, "N");
}

TEST(Html, ABrokenReferenceIsReportedOnceAtItsFirstPlace) {
  GoodArticle good;
  good.known.files = {{"content/a.html", 1}, {"inline_resources/logo.png", 1}};
  Body body("é\n<img src='../inline_resources/lgoo.png'>\n<img src='../inline_resources/lgoo.png'>");
  body.refer("../inline_resources/lgoo.png").refer("../inline_resources/lgoo.png");
  std::vector<std::string> resources;
  check_html(good.article, body.content, body.text, kBodyFile, good.known, resources);
  ASSERT_EQ(good.article.findings.size(), 1U) << codes(good.article.findings);
  const auto finding = only(good.article.findings, Rule::reference_broken);
  EXPECT_EQ(
      finding.message,
      "\"../inline_resources/lgoo.png\" leads to \"inline_resources/lgoo.png\", which is not in the package"
      " (2 times in this body).");
  EXPECT_EQ(finding.advice, "Did you mean the file \"inline_resources/logo.png\"?");
  EXPECT_EQ(finding.location.file, kBodyFile);
  EXPECT_EQ(finding.location.pointer, "");
  EXPECT_EQ(finding.location.line, 2U);
  EXPECT_EQ(finding.location.column, 11U);
  EXPECT_EQ(finding.item, "F/N");
  EXPECT_TRUE(good.article.acceptable) << "a broken reference is a warning";
}

TEST(Html, ReferencesToFoldersAndOutOfThePackageAreReported) {
  GoodArticle good;
  Body body("é '..' '../../x'");
  body.refer("..").refer("../../x");
  std::vector<std::string> resources;
  check_html(good.article, body.content, body.text, kBodyFile, good.known, resources);
  EXPECT_EQ(only(good.article.findings, Rule::reference_broken).message,
            "\"..\" leads to the folder \"\", not to a file.");
  const auto invalid = only(good.article.findings, Rule::reference_invalid);
  EXPECT_EQ(invalid.message, "\"../../x\" leads out of articles/.");
  EXPECT_EQ(invalid.location.line, 1U);
  EXPECT_EQ(invalid.location.column, 9U);  // é is one column
}

TEST(Html, ActiveContentIsOneFindingForEachKind) {
  GoodArticle good;
  const std::string body = "<p>\n<script></script><p onclick='x'><script>";
  HtmlContent content;
  content.active = {{"script element", 4}, {"onclick attribute", 21}, {"script element", 36}};
  std::vector<std::string> resources;
  check_html(good.article, content, body, kBodyFile, good.known, resources);
  ASSERT_EQ(good.article.findings.size(), 2U) << codes(good.article.findings);
  EXPECT_EQ(good.article.findings[0].rule, Rule::active_content);
  EXPECT_EQ(good.article.findings[0].message, "Active content: script element (2 times in this body).");
  EXPECT_EQ(good.article.findings[0].location.line, 2U);
  EXPECT_EQ(good.article.findings[0].location.column, 1U);
  EXPECT_EQ(good.article.findings[1].message, "Active content: onclick attribute.");
  EXPECT_EQ(good.article.findings[1].location.column, 18U);
}

TEST(Html, AHostileBodyMakesBoundedFindings) {
  GoodArticle good;
  HtmlContent content;
  for (std::size_t i = 0; i < 20'000; ++i) {
    content.decoded.push_back("x" + std::to_string(i));
    content.references.push_back({HtmlReference::Kind::link, content.decoded.back(), 0, 0});
  }
  std::vector<std::string> resources;
  check_html(good.article, content, "x", kBodyFile, good.known, resources);
  ASSERT_EQ(good.article.findings.size(), 101U);
  EXPECT_EQ(good.article.findings.back().message,
            "There are more like these in this body; the first 100 are listed.");
}

TEST(Body, ThatIsNotUtf8IsRefusedWithThePlace) {
  GoodArticle good;
  EXPECT_FALSE(check_body(good.article, "<p>é\nab\xE9", kBodyFile));
  const auto finding = only(good.article.findings, Rule::article_content_encoding);
  EXPECT_EQ(finding.message, "The byte 0xe9 at offset 8 is not UTF-8.");
  EXPECT_EQ(finding.location.file, kBodyFile);
  EXPECT_EQ(finding.location.line, 2U);
  EXPECT_EQ(finding.location.column, 3U);
  EXPECT_FALSE(good.article.acceptable);
}

TEST(Body, OfFiveMillionCharactersIsFineAndOneMoreIsNot) {
  std::string body;
  for (int i = 0; i < 5'000'000; ++i) body += "é";
  GoodArticle good;
  EXPECT_TRUE(check_body(good.article, body, kBodyFile));
  EXPECT_TRUE(good.article.acceptable);
  EXPECT_FALSE(check_body(good.article, body + "x", kBodyFile));
  EXPECT_EQ(only(good.article.findings, Rule::article_content_size).message,
            "The content has 5000001 characters, at most 5000000 are allowed.");
  EXPECT_FALSE(good.article.acceptable);
}

}  // namespace
}  // namespace waybill::validation
