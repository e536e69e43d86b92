#include "worker/package_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waybill::worker {
namespace {

using testing::ElementsAre;

knowledge::Article article(std::string folder, std::string name, std::string language, std::string content,
                           std::string macro = "") {
  knowledge::Article made;
  made.folder = std::move(folder);
  made.name = std::move(name);
  made.language = std::move(language);
  made.content_path = std::move(content);
  made.macro = std::move(macro);
  return made;
}

TEST(PackageIndex, FindsTheLaterOfTwoArticlesWithOneIdentity) {
  PackageIndex index;
  index.add_article(article("A", "x", "en-US", "1.html"), true);
  index.add_article(article("A", "x", "fr-FR", "2.html"), true);
  index.add_unknown_article();
  index.add_article(article("A", "x", "en-US", "3.html"), true);
  index.add_article(article("A", "x", "en-US", "4.html"), true);
  index.finish();
  EXPECT_EQ(index.duplicate_of(0), std::nullopt);
  EXPECT_EQ(index.duplicate_of(1), std::nullopt);
  EXPECT_EQ(index.duplicate_of(3), 0U);
  EXPECT_EQ(index.duplicate_of(4), 0U);
}

TEST(PackageIndex, AMacroBelongsToTheFirstThatHasIt) {
  PackageIndex index;
  index.add_article(article("A", "x", "en-US", "1.html", "m"), true);
  index.add_article(article("A", "y", "en-US", "2.html", "m"), true);
  index.add_article(article("A", "x", "en-US", "3.html", "m"), true);  // the same article again
  index.finish();
  EXPECT_EQ(index.macro_taken_by(0), std::nullopt);
  EXPECT_EQ(index.macro_taken_by(1), 0U);
  EXPECT_EQ(index.macro_taken_by(2), std::nullopt);
}

TEST(PackageIndex, NamesDirectlyBelowAFolderAndNoOthers) {
  PackageIndex index;
  for (const char* path : {"B", "A", "A/b", "A/b/c", "A/b-x", "A/z", "AA", "A/b/d/e"}) index.add_folder(path);
  index.finish();
  EXPECT_THAT(index.folder_names("", 10), ElementsAre("A", "AA", "B"));
  EXPECT_THAT(index.folder_names("A", 10), ElementsAre("b", "b-x", "z"));
  EXPECT_THAT(index.folder_names("A", 2), ElementsAre("b", "b-x"));
  EXPECT_THAT(index.folder_names("A/b", 10), ElementsAre("c"));
  EXPECT_TRUE(index.has_folder("A/b/d/e"));
  EXPECT_FALSE(index.has_folder("A/b/d"));
}

TEST(PackageIndex, AContentFileLeadsToTheFirstArticleThatUsesIt) {
  PackageIndex index;
  index.add_article(article("A", "x", "en-US", "content/1.html"), true);
  index.add_article(article("A/B", "y", "de-DE", "content/2.html"), false);
  index.add_article(article("C", "z", "en-US", "content/1.html"), true);
  index.finish();
  const auto first = index.article_of_content("content/1.html");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->folder, "A");
  EXPECT_EQ(first->name, "x");
  const auto second = index.article_of_content("content/2.html");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->folder, "A/B");
  EXPECT_EQ(second->name, "y");
  EXPECT_EQ(second->language, "de-DE");
  EXPECT_FALSE(index.article_of_content("content/3.html"));
  EXPECT_TRUE(index.has_article("A/x"));
  EXPECT_FALSE(index.has_article("A/B/y")) << "it is not acceptable";
}

TEST(PackageIndex, OnlyTheFirstArticleOfATypeMakesIt) {
  PackageIndex index;
  auto one = article("A", "x", "en-US", "1.html");
  one.type_name = "FAQ";
  auto two = article("A", "y", "en-US", "2.html");
  two.type_name = "FAQ";
  index.add_article(one, true);
  index.add_article(two, true);
  index.finish();
  EXPECT_TRUE(index.first_of_type("FAQ", 0));
  EXPECT_FALSE(index.first_of_type("FAQ", 1));
}

TEST(NameKey, PartsDoNotRunIntoEachOther) {
  EXPECT_NE(name_key("ab", "c"), name_key("a", "bc"));
  EXPECT_NE(name_key("a", "", "b"), name_key("a", "b", ""));
  EXPECT_EQ(name_key("a", "b", "c"), name_key("a", "b", "c"));
}

}  // namespace
}  // namespace waybill::worker
