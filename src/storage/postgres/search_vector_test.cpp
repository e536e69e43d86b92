#include "storage/postgres/search_vector.h"

#include <gtest/gtest.h>

namespace waybill::storage::postgres {
namespace {

using Weight = SearchVectors::Weight;

/// The word without an "s" at its end.
std::vector<std::string> forms_of(const SearchVectors& vectors) {
  std::vector<std::string> forms;
  for (std::string_view word : vectors.words()) {
    if (word.ends_with('s')) word.remove_suffix(1);
    forms.emplace_back(word);
  }
  return forms;
}

class SearchVectorsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = WordSplitter::make();
    ASSERT_TRUE(made.ok());
    splitter_ = *std::move(made);
  }
  void add(SearchVectors& vectors, std::string_view name, std::string_view body) {
    vectors.begin_vector();
    vectors.add(*splitter_, name, Weight::name);
    vectors.add(*splitter_, body, Weight::body);
  }
  /// By itself.
  std::string binary(std::string_view name, std::string_view body) {
    SearchVectors vectors;
    add(vectors, name, body);
    return vectors.binary(0, forms_of(vectors));
  }

  std::unique_ptr<WordSplitter> splitter_;
};

TEST_F(SearchVectorsTest, AreInPostgresqlsBinaryFormat) {
  // Their number, then lexemes in the order of their bytes: text, zero, number of places, places with the
  // weight in the two highest bits. A field begins a place behind the one before.
  constexpr std::string_view kExpected(
      "\0\0\0\4"
      "b\0\0\2\xC0\1\0\3"
      "cat\0\0\1\0\4"
      "cats\0\0\1\0\4"
      "dog\0\0\1\0\5",
      4 + 8 + 8 + 9 + 8);
  EXPECT_EQ(binary("B", "b cats dog"), kExpected);
}

TEST_F(SearchVectorsTest, AWordAndAnothersFormShareTheirPlacesInOrder) {
  // "cat" stands at 2 and 5 itself and, as the form of "cats", at 4.
  const std::string bytes = binary("", "cat dog cats cat");
  EXPECT_NE(bytes.find(std::string("cat\0\0\3\0\2\0\4\0\5", 12)), std::string::npos);
  EXPECT_NE(bytes.find(std::string("cats\0\0\1\0\4", 9)), std::string::npos);
}

TEST_F(SearchVectorsTest, OfOneBatchDoNotDependOnEachOther) {
  const std::pair<std::string_view, std::string_view> articles[] = {
      {"Cats", "cats and dogs, cats"},  {"", ""},
      {"Dogs", "cat and dog and cats"}, {"Cats", "cats and dogs, cats"},
      {"One", "two three two one"},     {"One", ""}};
  SearchVectors vectors;
  for (const auto& [name, body] : articles) add(vectors, name, body);
  ASSERT_EQ(vectors.count(), std::size(articles));
  const auto forms = forms_of(vectors);
  for (std::size_t i = 0; i < vectors.count(); ++i) {
    EXPECT_EQ(vectors.binary(i, forms), binary(articles[i].first, articles[i].second)) << i;
  }
}

TEST_F(SearchVectorsTest, AWordHas255PlacesAtMost) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "again ";
  const std::string bytes = binary("", text);
  EXPECT_EQ(bytes.substr(0, 12), std::string("\0\0\0\1again\0\0\xFF", 12));
  EXPECT_EQ(bytes.size(), 12U + 2 * 255);
}

}  // namespace
}  // namespace waybill::storage::postgres
