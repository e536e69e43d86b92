#include "package/article_stream.h"

#include <gtest/gtest.h>

namespace waybill::package {
namespace {

using report::Rule;

/// One file whose bytes come `piece` at a time. `repeat` times `middle` stands between head and tail.
struct FakeFile {
  std::string head;
  std::string middle = {};
  std::uint64_t repeat = 0;
  std::string tail = {};
};

class FakeStream final : public ByteStream {
 public:
  FakeStream(const FakeFile& file, std::size_t piece) : file_(file), piece_(piece) {}

  Result<bool> next(std::string& into) override {
    std::string_view part = part_ == 0 ? file_.head : part_ <= file_.repeat ? file_.middle : file_.tail;
    while (at_ >= part.size()) {
      if (part_ > file_.repeat) return false;
      ++part_;
      at_ = 0;
      part = part_ <= file_.repeat ? file_.middle : file_.tail;
    }
    into.append(part.substr(at_, piece_));
    at_ += std::min(piece_, part.size() - at_);
    return true;
  }

 private:
  const FakeFile& file_;
  std::size_t piece_;
  std::uint64_t part_ = 0;
  std::size_t at_ = 0;
};

class FakeTree final : public FileTree {
 public:
  explicit FakeTree(FakeFile file, std::size_t piece = 1 << 18) : file_(std::move(file)), piece_(piece) {}
  std::size_t count() const override { return 1; }
  std::string_view path(FileIndex) const override { return "articles.json"; }
  std::uint64_t size(FileIndex) const override {
    return file_.head.size() + file_.middle.size() * file_.repeat + file_.tail.size();
  }
  std::optional<FileIndex> find(std::string_view) const override { return 0; }
  Result<void> read(FileIndex, std::uint64_t, std::string&, const Context&) const override {
    return Error{ErrorCode::internal, "not for this test"};
  }
  Result<std::unique_ptr<ByteStream>> stream(FileIndex, const Context&) const override {
    return std::unique_ptr<ByteStream>(std::make_unique<FakeStream>(file_, piece_));
  }
  std::string version() const override { return "1"; }

 private:
  FakeFile file_;
  std::size_t piece_;
};

/// Everything that reading a file shows, as lines.
std::string transcript(const std::string& text, std::size_t piece, Limits limits = {}) {
  const FakeTree tree({text}, piece);
  auto stream = ArticleStream::open(tree, 0, limits, Context());
  if (!stream) return stream.error().message;
  const auto place = [](const Position& p) {
    return std::to_string(p.offset) + "=" + std::to_string(p.line) + ":" + std::to_string(p.column);
  };
  std::string out = "prefix '" + std::string((*stream)->pointer_prefix()) + "'\n";
  for (;;) {
    auto article = (*stream)->next();
    if (!article) return out + article.error().message;
    if (!*article) break;
    out += std::to_string((*article)->index) + " " + place((*article)->start) + " " + (*article)->text +
           ((*article)->too_large ? " too large" : "") + "\n";
  }
  for (const auto& member : (*stream)->other_members())
    out += member.name + " " + place(member.position) + "\n";
  if (const auto& defect = (*stream)->defect()) {
    out +=
        std::string(report::info(defect->rule).code) + " " + place(defect->position) + " " + defect->message;
  } else {
    out += "end";
  }
  return out;
}

/// The same whatever the pieces: that is checked for every text here.
std::string read(const std::string& text, Limits limits = {}) {
  std::string whole = transcript(text, 1 << 18, limits);
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U}) {
    EXPECT_EQ(transcript(text, piece, limits), whole) << "in pieces of " << piece << ": " << text;
  }
  return whole;
}

std::string defect_of(const std::string& text) {
  const std::string all = read(text);
  return all.substr(all.rfind('\n') + 1);
}

TEST(ArticleStream, CutsTheArticlesOfTheWrapperWithTheirPlaces) {
  EXPECT_EQ(read("{\n \"articles\": [\n  {\"name\": \"é ] } \\\" \\\\\"},\n  {\"a\": [{}, [1]]} , {} ]\n}\n"),
            "prefix '/articles'\n"
            "0 19=3:3 {\"name\": \"é ] } \\\" \\\\\"}\n"
            "1 47=4:3 {\"a\": [{}, [1]]}\n"
            "2 66=4:22 {}\n"
            "end");
}

TEST(ArticleStream, AcceptsABareArrayAndAByteOrderMark) {
  EXPECT_EQ(read("[{},{}]"), "prefix ''\n0 1=1:2 {}\n1 4=1:5 {}\nend");
  EXPECT_EQ(read(" [ ] "), "prefix ''\nend");
  EXPECT_EQ(read("\xEF\xBB\xBF{\"articles\":[]}"), "prefix '/articles'\nend");
}

TEST(ArticleStream, NamesTheMembersBesideTheArticles) {
  EXPECT_EQ(read("{\"version\": 1, \"x\\u0041\":{\"articles\":[1,{}]},\"articles\":[{}],\n\"z\":null}"),
            "prefix '/articles'\n0 57=1:58 {}\nversion 1=1:2\nxA 15=1:16\nz 62=2:1\nend");
}

TEST(ArticleStream, LeavesWhatIsWrongInsideAnArticleToItsReader) {
  EXPECT_EQ(read("[{\"a\":1,}, 7, \"s,]\", nul, {\"b\":\"\xFF\"}, [{}], {\"c\":\"x\ny\"}]"),
            "prefix ''\n0 1=1:2 {\"a\":1,}\n1 11=1:12 7\n2 14=1:15 \"s,]\"\n3 21=1:22 nul\n4 26=1:27 "
            "{\"b\":\"\xFF\"}\n"
            "5 37=1:38 [{}]\n6 43=1:44 {\"c\":\"x\ny\"}\nend");
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  EXPECT_EQ(read("[" + deep + ",{}]"), "prefix ''\n0 1=1:2 " + deep + "\n1 202=1:203 {}\nend");
}

TEST(ArticleStream, CutsAnArticleThatIsTooLargeAndGoesOnBehindIt) {
  Limits limits;
  limits.article_json_bytes = 10;
  EXPECT_EQ(
      read("[{\"a\":\"345\"},{\"a\":\"éééééé\"},{\"a\": 123},{\"b\": 1234}]", limits),
      "prefix ''\n0 1=1:2 {\"a\":\"345\" too large\n1 13=1:14 {\"a\":\"éé too large\n2 34=1:29 {\"a\": 123}\n"
      "3 45=1:40 {\"b\": 1234 too large\nend");
}

TEST(ArticleStream, CutsATooLargeArticleBetweenCodePoints) {
  const std::vector<std::pair<std::uint64_t, std::string>> cases = {
      {3, "[\"a"}, {4, "[\"a"}, {5, "[\"aé"}, {6, "[\"aéb"}, {7, "[\"aéb"}, {8, "[\"aéb"}, {9, "[\"aéb€"}};
  for (const auto& [bytes, kept] : cases) {
    Limits limits;
    limits.article_json_bytes = bytes;
    EXPECT_EQ(read("[[\"aéb€c\"]]", limits), "prefix ''\n0 1=1:2 " + kept + " too large\nend") << bytes;
  }
}

TEST(ArticleStream, SaysWhatIsWrongOutsideTheArticles) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "json-syntax 0=1:1 expected {\"articles\": [ … ]}, found the end of the file"},
      {"  \n", "json-syntax 3=2:1 expected {\"articles\": [ … ]}, found the end of the file"},
      {"\"x\"", "articles-structure 0=1:1 expected {\"articles\": [ … ]}, found '\"'"},
      {"{}", "articles-structure 1=1:2 expected a member \"articles\" in the object, found none"},
      {"{\"article\": []}",
       "articles-structure 14=1:15 expected a member \"articles\" in the object, found none"},
      {"{\"articles\": {}}",
       "articles-structure 13=1:14 expected an array as the value of \"articles\", found '{'"},
      {"{\"articles\": [], \"articles\": []}",
       "json-duplicate-member 17=1:18 the member \"articles\" stands twice in one object, first at line 1, "
       "column 2"},
      {"{\"a\":1,\n\"a\":2,\"articles\":[]}",
       "json-duplicate-member 8=2:1 the member \"a\" stands twice in one object, first at line 1, column 2"},
      {"{\"articles\": []} x",
       "json-syntax 17=1:18 expected nothing more after the end of the JSON text, found 'x'"},
      {"[] []", "json-syntax 3=1:4 expected nothing more after the end of the JSON text, found '['"},
      {"[]\xFF", "json-encoding 2=1:3 expected UTF-8, found the byte 0xff"},
      {"[]é", "json-syntax 2=1:3 expected nothing more after the end of the JSON text, found 'é'"},
      {std::string("[]\0", 3),
       "json-syntax 2=1:3 expected nothing more after the end of the JSON text, found the control character "
       "\\u0000"},
      {"[{},\n]", "json-syntax 3=1:4 a comma before ']': JSON has no trailing commas"},
      {"{\"articles\":[],}", "json-syntax 14=1:15 a comma before '}': JSON has no trailing commas"},
      {"[,{}]", "json-syntax 1=1:2 expected article 0, found ','"},
      {"[{} // all\n]",
       "json-syntax 4=1:5 expected ',' or ']' after article 0, found a comment (JSON has none)"},
      {"[{}, {\"a\": [1}, {}]",
       "json-syntax 13=1:14 expected ',' or ']' after element 0 of the array, found '}'"},
      {"{\"articles\": [{}",
       "json-syntax 16=1:17 expected ',' or ']' after article 0, found the end of the file"},
      {"{\"articles\": [{}]",
       "json-syntax 17=1:18 expected ',' or '}' after a member of the object, found the end of the file"},
      {"[{\"a\": \"b}",
       "json-syntax 10=1:11 expected '\"' at the end of the string that begins at line 1, column 8, "
       "found the end of the text"},
      {"[{\"a\": 1 /* } */ }]",
       "json-syntax 9=1:10 expected ',' or '}' after the value of \"a\", found a comment (JSON has none)"},
      {"{articles: []}", "json-syntax 1=1:2 expected a member's name in double quotes, found 'articles'"},
      {"{\"articles\" []}", "json-syntax 12=1:13 expected ':' after \"articles\", found '['"},
      {"{\"x\": [01], \"articles\": []}",
       "json-syntax 7=1:8 a number does not begin with 0 (JSON has no octal numbers): '01'"},
      {"{\"x\": , \"articles\": []}", "json-syntax 6=1:7 expected a value for \"x\", found ','"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(defect_of(text), expected) << text;
}

TEST(ArticleStream, KeepsArticlesBeforeTheBreak) {
  EXPECT_EQ(read("[{\"a\":1},{\"b\":2} {\"c\":3}]"),
            "prefix ''\n0 1=1:2 {\"a\":1}\n1 9=1:10 {\"b\":2}\n"
            "json-syntax 17=1:18 expected ',' or ']' after article 1, found '{'");
}

TEST(ArticleStream, BoundsTheMembersBesideTheArticles) {
  std::string text = "{";
  for (int i = 0; i <= 1'000; ++i) text += "\"m" + std::to_string(i) + "\":0,";
  EXPECT_NE(transcript(text + "\"articles\":[]}", 4'096).find("articles-structure"), std::string::npos);
}

TEST(ArticleStream, ReadsManyArticlesInOrder) {
  constexpr std::uint64_t kCount = 200'000;
  const FakeTree tree({"{\"articles\":[{}", ",\n{\"name\":\"n\"}", kCount, "]}"});
  auto stream = ArticleStream::open(tree, 0, {}, Context());
  ASSERT_TRUE(stream.ok());
  std::uint64_t count = 0;
  Position last;
  for (;;) {
    auto article = (*stream)->next();
    ASSERT_TRUE(article.ok());
    if (!*article) break;
    ASSERT_EQ((*article)->index, count++);
    last = (*article)->start;
  }
  EXPECT_EQ(count, kCount + 1);
  EXPECT_EQ(last.line, kCount + 1);
  EXPECT_EQ(last.column, 1U);
  EXPECT_FALSE((*stream)->defect());
}

TEST(ArticleStream, KeepsOnlyTheBeginningOfAHugeString) {
  const FakeTree tree({"[\"", std::string(1 << 16, 'x'), 800, "\",{}]"});  // 50 MiB
  Limits limits;
  auto stream = ArticleStream::open(tree, 0, limits, Context());
  ASSERT_TRUE(stream.ok());
  auto article = (*stream)->next();
  ASSERT_TRUE(article.ok() && *article);
  EXPECT_TRUE((*article)->too_large);
  EXPECT_EQ((*article)->text.size(), limits.article_json_bytes);
  EXPECT_LE((*article)->text.capacity(), 2 * limits.article_json_bytes);
  article = (*stream)->next();
  ASSERT_TRUE(article.ok() && *article);
  EXPECT_EQ((*article)->text, "{}");
  EXPECT_EQ((*article)->start.offset, 2U + 800 * 65'536 + 2);
}

TEST(ArticleStream, RefusesAFileBeyondTheLimit) {
  Limits limits;
  limits.json_file_bytes = 6;
  EXPECT_EQ(transcript("[ {  } ]", 9, limits), "articles.json has 8 bytes, at most 6 are allowed");
}

}  // namespace
}  // namespace waybill::package
