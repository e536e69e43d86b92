#include "storage/postgres/search_query.h"

#include <gtest/gtest.h>

namespace waybill::storage::postgres {
namespace {

TEST(AskedWords, MakesAPhraseOfEveryWord) {
  auto asked = asked_words("two std::vector");
  EXPECT_EQ(asked.head, "('two')");
  EXPECT_EQ(asked.last_phrase, "'std' <-> 'vector':*");
  EXPECT_EQ(asked.last_word, "") << "a phrase is not looked for word by word";
  asked = asked_words("\"kept together\" x");
  EXPECT_EQ(asked.head, "('kept' <-> 'together')");
  EXPECT_EQ(asked.last_phrase, "'x':*");
  EXPECT_EQ(asked.last_word, "'x':*");
  asked = asked_words("std::");
  EXPECT_EQ(asked.head, "('std')");
  EXPECT_EQ(asked.last_phrase, "");
  EXPECT_TRUE(asked_words("").empty());
  EXPECT_TRUE(asked_words(" ** \" ' \" \\ ").empty());
  EXPECT_EQ(asked_words("it's").last_phrase, "'it' <-> 's':*") << "no quote gets through";
}

TEST(Snippet, PutsTheMarksIntoTheTextAsItIs) {
  EXPECT_EQ(snippet("before <b>needle</b>.", "before  b \uE000needle\uE001  b  "),
            "before <b>\uE000needle\uE001</b>.");
  EXPECT_EQ(snippet("ein Überlauf", "ein \uE000uberlauf\uE001"), "ein \uE000Überlauf\uE001");
  EXPECT_EQ(snippet("no mark", "no mark"), "no mark");
  EXPECT_EQ(snippet("they do not fit", "\uE000they\uE001 differ in length"), "they do not fit");
  EXPECT_EQ(snippet("", ""), "");
}

TEST(Snippet, ShowsAFewWordsAroundTheFirstMark) {
  std::string text, marked;
  for (int i = 0; i < 100; ++i) {
    const std::string word = "w" + std::to_string(i);
    text += word + " ";
    marked += (i == 50 ? "\uE000" + word + "\uE001" : word) + " ";
  }
  const std::string shown = snippet(text, marked);
  EXPECT_TRUE(shown.starts_with("…w42 ")) << shown;
  EXPECT_TRUE(shown.ends_with(" w73…")) << shown;
  EXPECT_NE(shown.find("\uE000w50\uE001"), std::string::npos) << shown;
}

}  // namespace
}  // namespace waybill::storage::postgres
