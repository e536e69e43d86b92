#include "api/text_diff.h"

#include <gtest/gtest.h>

#include <random>

namespace waybill::api {

namespace {

using Op = TextDiff::Op;

/// What a reader of the difference can put together of the two texts, where nothing is skipped.
std::pair<std::string, std::string> both_texts(const TextDiff& diff) {
  std::pair<std::string, std::string> texts;
  for (const auto& line : diff.lines) {
    EXPECT_NE(line.op, Op::skip);
    if (line.op == Op::replace) {
      for (const auto& word : line.words) {
        if (word.op != Op::inserted) texts.first += word.text;
        if (word.op != Op::removed) texts.second += word.text;
      }
    }
    if (line.op == Op::equal || line.op == Op::removed) texts.first += line.text;
    if (line.op == Op::equal || line.op == Op::inserted) texts.second += line.text;
    if (line.before > 0) texts.first += "\n";
    if (line.after > 0) texts.second += "\n";
  }
  return texts;
}

TEST(TextDiffTest, EqualTextsHaveNoLines) {
  EXPECT_TRUE(diff_texts("a\nb\n", "a\nb\n").lines.empty());
}

TEST(TextDiffTest, AChangedLineShowsItsWords) {
  const auto diff = diff_texts("one\nthe quick fox\nthree\n", "one\nthe slow fox\nthree\n");
  ASSERT_EQ(diff.lines.size(), 3U);
  EXPECT_EQ(diff.lines[0].op, Op::equal);
  const auto& changed = diff.lines[1];
  EXPECT_EQ(changed.op, Op::replace);
  EXPECT_EQ(changed.before, 2U);
  ASSERT_EQ(changed.words.size(), 4U);
  EXPECT_EQ(changed.words[0].text, "the ");
  EXPECT_EQ(changed.words[1].op, Op::removed);
  EXPECT_EQ(changed.words[1].text, "quick");
  EXPECT_EQ(changed.words[2].text, "slow");
  EXPECT_EQ(changed.words[3].text, " fox");
}

TEST(TextDiffTest, EqualLinesFarFromADifferenceAreSkipped) {
  std::string before, after;
  for (int i = 1; i <= 100; ++i) {
    before += std::to_string(i) + "\n";
    after += (i == 50 ? "fifty" : std::to_string(i)) + "\n";
  }
  const auto diff = diff_texts(before, after);
  ASSERT_EQ(diff.lines.size(), 9U);
  EXPECT_EQ(diff.lines[0].op, Op::skip);
  EXPECT_EQ(diff.lines[0].count, 46U);
  EXPECT_EQ(diff.lines[4].op, Op::replace);
  EXPECT_EQ(diff.lines[4].after, 50U);
  EXPECT_EQ(diff.lines[8].count, 47U);
}

TEST(TextDiffTest, FromNothingAndToNothing) {
  const auto made = diff_texts("", "a\nb");
  ASSERT_EQ(made.lines.size(), 2U);
  EXPECT_EQ(made.lines[1].op, Op::inserted);
  EXPECT_EQ(made.lines[1].after, 2U);
  EXPECT_EQ(diff_texts("a\nb", "").lines.at(0).op, Op::removed);
}

TEST(TextDiffTest, AnyTwoTextsCanBePutTogetherAgain) {
  std::mt19937 random(7);
  for (int round = 0; round < 2'000; ++round) {
    const auto text = [&] {
      std::string made;
      for (auto i = random() % 6; i > 0; --i) {
        for (auto j = random() % 4; j > 0; --j) made += "a b<"[random() % 4];
        made += "\n";
      }
      return made;
    };
    const std::string before = text(), after = text();
    if (before == after) continue;
    const auto diff = diff_texts(before, after);
    ASSERT_EQ(both_texts(diff), std::pair(before, after)) << "round " << round;
  }
}

TEST(TextDiffTest, TextsWithNothingInCommonStayWithinTimeAndSize) {
  std::string before, after;
  for (int i = 0; i < 100'000; ++i) {
    before += "old line " + std::to_string(i) + "\n";
    after += "new text " + std::to_string(i) + "\n";
  }
  const auto diff = diff_texts(before, after);
  EXPECT_TRUE(diff.truncated);
  std::size_t bytes = 0;
  for (const auto& line : diff.lines) bytes += line.text.size();
  EXPECT_LE(bytes, std::size_t{1} << 20);
}

TEST(TextDiffTest, OneLongLineSkipsWhatIsEqual) {
  std::string before(20'000, ' ');
  for (std::size_t i = 0; i < before.size(); i += 4) before[i] = 'x';
  std::string after = before;
  after.replace(10'000, 1, "Ü");
  const auto diff = diff_texts(before, after);
  ASSERT_EQ(diff.lines.size(), 1U);
  const auto& words = diff.lines[0].words;
  ASSERT_EQ(words.size(), 8U);
  EXPECT_EQ(words[1].op, Op::skip);
  EXPECT_EQ(words[4].text, "Ü");
}

}  // namespace

}  // namespace waybill::api
