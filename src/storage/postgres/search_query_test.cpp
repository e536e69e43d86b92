#include "storage/postgres/search_query.h"

#include <gmock/gmock.h>

namespace waybill::storage::postgres {
namespace {

class AskedWordsTest : public ::testing::Test {
 protected:
  AskedWords asked(std::string_view typed) { return {*splitter_, typed}; }
  /// In the forms of a language where a word has none but itself.
  std::string query(std::string_view typed) {
    const AskedWords words = asked(typed);
    const auto views = words.words();
    return words.query({views.begin(), views.end()});
  }
  std::unique_ptr<WordSplitter> splitter_ = *WordSplitter::make();
};

TEST_F(AskedWordsTest, MakesAPhraseOfEveryWord) {
  EXPECT_EQ(query("two std::vector"), "('two') & ('std' <-> ('vector':* | 'vector':*))");
  EXPECT_EQ(query("\"kept together\" x"), "('kept' <-> 'together') & (('x':* | 'x':*))");
  EXPECT_EQ(query("std::"), "('std')") << "that word is finished";
  EXPECT_TRUE(asked("").empty());
  EXPECT_TRUE(asked(" ** \" ' \" \\ ").empty());
  EXPECT_EQ(query("it's"), "('it' <-> ('s':* | 's':*))") << "no quote gets through";
  EXPECT_EQ(query("\xC3\x9C"
                  "ber\xFF"),
            "(('uber':* | 'uber':*))");
}

TEST_F(AskedWordsTest, LooksForFormsAndForTheBeginningOfTheLastWord) {
  const AskedWords words = asked("cats studie");
  const std::vector<std::string> forms{"cat", "studi"};
  EXPECT_EQ(words.query(forms), "('cat') & (('studi':* | 'studie':*))");
  EXPECT_TRUE(words.asks_for("cat", "cat", forms));
  EXPECT_TRUE(words.asks_for("studying", "studi", forms));
  EXPECT_TRUE(words.asks_for("studies", "x", forms));
  EXPECT_FALSE(words.asks_for("stud", "stud", forms));
}

TEST(WordSplitter, GivesWordsAsTheyAreFoundAndWhereTheyStand) {
  const auto splitter = *WordSplitter::make();
  std::vector<std::string> words;
  const std::string text =
      "Ein \u00DCberlauf, <b>1e5x</b> snake_case; \u0939\u093F\u0928\u094D\u0926\u0940 caf\u0065\u0301";
  splitter->split(text, [&](const WordSplitter::Word& word) {
    words.push_back(std::string(word.folded) + "=" + text.substr(word.begin, word.end - word.begin));
  });
  EXPECT_THAT(words,
              ::testing::ElementsAre(
                  "ein=Ein", "uberlauf=\u00DCberlauf", "b=b", "1e5x=1e5x", "b=b", "snake=snake", "case=case",
                  "\u0939\u093F\u0928\u094D\u0926\u0940=\u0939\u093F\u0928\u094D\u0926\u0940",
                  "cafe=caf\u0065\u0301"));
}

TEST(Snippet, PutsTheMarksIntoTheTextAsItIs) {
  EXPECT_EQ(snippet("before <b>needle</b>.", {{10, 16}}), "before <b>\uE000needle\uE001</b>.");
  EXPECT_EQ(snippet("a b c", {{0, 1}, {4, 5}}), "\uE000a\uE001 b \uE000c\uE001");
  EXPECT_EQ(snippet("no mark", {}), "no mark");
  EXPECT_EQ(snippet("", {}), "");
}

TEST(Snippet, ShowsAFewWordsAroundTheFirstMark) {
  std::string text;
  Mark mark;
  for (int i = 0; i < 100; ++i) {
    const std::string word = "w" + std::to_string(i);
    if (i == 50) mark = {text.size(), text.size() + word.size()};
    text += word + " ";
  }
  const std::string shown = snippet(text, {mark});
  EXPECT_TRUE(shown.starts_with("…w42 ")) << shown;
  EXPECT_TRUE(shown.ends_with(" w73…")) << shown;
  EXPECT_NE(shown.find("\uE000w50\uE001"), std::string::npos) << shown;
}

}  // namespace
}  // namespace waybill::storage::postgres
