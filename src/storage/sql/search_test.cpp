#include <gmock/gmock.h>

#include "storage/testing/store_fixture.h"

namespace waybill::storage {
namespace {

using knowledge::Article;
using knowledge::Folder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class SearchTest : public StoreTest {
 protected:
  std::vector<std::string> names(std::string_view query, std::size_t limit = 50, std::size_t offset = 0) {
    const auto hits = store_->knowledge().search(kSales, query, limit, offset);
    EXPECT_TRUE(hits.ok()) << "'" << query << "': " << hits.error().message << " / " << hits.error().detail;
    std::vector<std::string> found;
    if (hits) {
      for (const auto& hit : *hits) found.push_back(hit.name);
    }
    return found;
  }
  void fill(std::vector<Article> articles) {
    std::vector<knowledge::Item> items{Folder{"F", ""}};
    for (Article& one : articles) items.emplace_back(std::move(one));
    import_items(kSales, std::move(items));
    index_all();
  }
};

TEST_P(SearchTest, ExactNameComesFirstWhateverElseSpeaksOfIt) {
  const std::string praise = "std::vector std::vector std::vector vector std::vector";
  fill({article("F", "std::vector<T>::at", praise), article("F", "All about containers", praise),
        article("F", "std::vector",
                "A sequence container in a page of many other words that are not its name"),
        article("F", "std::vector - overview", "short")});
  const auto found = names("std::vector");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0], "std::vector");
  EXPECT_EQ(found[1], "std::vector - overview");
  EXPECT_EQ(found[2], "std::vector<T>::at");
  EXPECT_EQ(names("STD::Vector")[0], "std::vector");
  EXPECT_EQ(names(" \"std::vector\" ")[0], "std::vector");
  EXPECT_EQ(names("std::vec").size(), 4U) << "the last word may be unfinished";
  EXPECT_EQ(names("std::vector container").size(), 2U);
}

TEST_P(SearchTest, PhraseIsFoundWhateverOtherFormsOfItsWordsTheArticleHas) {
  fill({article("F", "std::vector - reference", "std::vector is one of many vectors, and vectorized"),
        article("F", "other", "vectors of std")});
  EXPECT_THAT(names("std::vector"), ElementsAre("std::vector - reference"));
  EXPECT_THAT(names("\"std vector\""), ElementsAre("std::vector - reference"));
}

TEST_P(SearchTest, NeedsEveryWordAndKeepsQuotedOnesTogether) {
  fill({article("F", "1", "red green blue"), article("F", "2", "green red"), article("F", "3", "red")});
  EXPECT_THAT(names("red green"), UnorderedElementsAre("1", "2"));
  EXPECT_THAT(names("\"red green\""), ElementsAre("1"));
  EXPECT_THAT(names("red violet"), IsEmpty());
  EXPECT_THAT(names("gree red"), IsEmpty()) << "only the last word may be unfinished";
}

TEST_P(SearchTest, FoldsCaseAndAccentsAndReadsKeywordsAndSummary) {
  Article tagged = article("F", "1", "text");
  tagged.keywords = "Überweisung";
  tagged.summary = "moneypenny";
  tagged.description = "goldfinger";
  fill({tagged});
  EXPECT_THAT(names("uberweisung"), ElementsAre("1"));
  EXPECT_THAT(names("MONEYPENNY"), ElementsAre("1"));
  EXPECT_THAT(names("goldfinger"), ElementsAre("1"));
}

TEST_P(SearchTest, WhateverIsTypedIsNoError) {
  fill({article("F", "1", "cats AND dogs NEAR lions 😀 fish")});
  for (const char* query :
       {"",         " ",       "*",        "\"",    "\"\"",        "\"\"\"", "\"unbalanced",
        "a\"",      "(",       ")",        "()",    "AND",         "OR",     "NOT",
        "NEAR",     "NEAR(",   "a AND",    "NOT a", "a OR b",      "name:",  "name:x",
        "{name}:x", "-name:x", "^x",       "x*",    "x + y",       "'",      "--",
        ";",        "a,b",     "😀",        "\"😀\"", "\xFF\xFE",    "\\",     "%",
        "_",        "::",      "<script>", "\x01",  "\xEE\x80\x80"}) {
    names(query);
  }
  EXPECT_THAT(names("AND"), ElementsAre("1")) << "an operator of FTS5 is a word like others";
  EXPECT_THAT(names("cats NEAR dogs"), ElementsAre("1"));
  EXPECT_THAT(names("cats * dogs"), ElementsAre("1"));
  EXPECT_THAT(names("cats 😀"), ElementsAre("1"));
  EXPECT_THAT(names("😀"), IsEmpty()) << "no word, no hit";
  EXPECT_THAT(names("*"), IsEmpty());
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "cats ";
  EXPECT_THAT(names(many), ElementsAre("1"));
  EXPECT_THAT(names(std::string(100'000, 'x')), IsEmpty());
  EXPECT_THAT(names(std::string(100'000, '"')), IsEmpty());
}

TEST_P(SearchTest, MarksTheWordsInTheSnippet) {
  fill({article("F", "1", "before " + std::string("needle") + " after <b>")});
  const auto hits = store_->knowledge().search(kSales, "needle", 10, 0);
  ASSERT_EQ(hits->size(), 1U);
  EXPECT_THAT(hits->at(0).snippet, HasSubstr("before \uE000needle\uE001 after <b>"));
  EXPECT_EQ(hits->at(0).path, "F/1");
  EXPECT_EQ(hits->at(0).language, "en-US");
  EXPECT_EQ(hits->at(0).id, KnowledgeId(1'000'002));
}

TEST_P(SearchTest, PagesThroughHitsBestFirst) {
  std::vector<Article> articles;
  for (int i = 0; i < 5; ++i) articles.push_back(article("F", "n" + std::to_string(i), "same words"));
  fill(std::move(articles));
  EXPECT_THAT(names("words", 2), ElementsAre("n0", "n1"));
  EXPECT_THAT(names("words", 2, 4), ElementsAre("n4"));
  EXPECT_THAT(names("words", 0), IsEmpty());
  const auto hits = store_->knowledge().search(kSales, "n3", 10, 0);
  ASSERT_EQ(hits->size(), 1U);
  EXPECT_GT(hits->at(0).score, 0);
}

TEST_P(SearchTest, FollowsTheRowsFromADurableMark) {
  import_items(kSales, {Folder{"F", ""}, article("F", "1", "one"), article("F", "2", "two"),
                        article("F", "3", "three")});
  EXPECT_EQ(*store_->index_backlog(), 3);
  EXPECT_FALSE(*store_->index_some(2));
  EXPECT_EQ(*store_->index_backlog(), 1);
  EXPECT_THAT(names("three"), IsEmpty());
  reopen();
  EXPECT_EQ(*store_->index_backlog(), 1);
  EXPECT_TRUE(*store_->index_some(2));
  EXPECT_EQ(*store_->index_backlog(), 0);
  EXPECT_THAT(names("one"), ElementsAre("1"));
  EXPECT_THAT(names("three"), ElementsAre("3"));
}

TEST_P(SearchTest, UpdatedArticleIsFoundByItsNewWordsAlone) {
  fill({article("F", "1", "old")});
  import_items(kSales, {article("F", "1", "middle")});
  import_items(kSales, {article("F", "1", "new")});
  index_all();
  EXPECT_THAT(names("old"), IsEmpty());
  EXPECT_THAT(names("middle"), IsEmpty());
  EXPECT_THAT(names("new"), ElementsAre("1"));
  EXPECT_EQ(*store_->index_backlog(), 0);
}

TEST_P(SearchTest, SecondProcessLeavesTheIndexOfTheFirstAlone) {
  fill({article("F", "1", "words")});
  {
    auto second = database_->open(clock_);
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(*second.value()->index_backlog(), 0);
  }
  import_items(kSales, {article("F", "2", "words")});
  index_all();
  EXPECT_THAT(names("words"), UnorderedElementsAre("1", "2"));
  reopen();
  EXPECT_EQ(*store_->index_backlog(), 0);
}

WAYBILL_ON_EACH_DATABASE(SearchTest);

}  // namespace
}  // namespace waybill::storage
