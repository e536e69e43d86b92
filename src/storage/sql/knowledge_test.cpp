#include <gmock/gmock.h>

#include "storage/sql/article_json.h"
#include "storage/testing/store_fixture.h"

namespace waybill::storage {
namespace {

using knowledge::Article;
using knowledge::Folder;
using knowledge::ListFilter;
using knowledge::Portal;
using knowledge::Topic;
using sql::article_metadata;
using sql::article_search_words;
using sql::links_in_metadata;
using sql::read_article_links;
using sql::read_article_metadata;
using sql::read_article_path_list;
using sql::read_text_list;
using testing::ElementsAre;
using testing::IsEmpty;

class KnowledgeTest : public StoreTest {
 protected:
  knowledge::KnowledgeBase& base() { return store_->knowledge(); }
  static ListFilter in(const Department& department, std::string parent = "") {
    ListFilter filter;
    filter.department = department;
    filter.parent = std::move(parent);
    return filter;
  }
  template <typename Rows>
  static std::vector<std::int64_t> ids(const Rows& rows) {
    std::vector<std::int64_t> found;
    for (const auto& row : *rows) found.push_back(row.id.value());
    return found;
  }
  std::int64_t count(const std::string& sql) { return database_->read_integer(sql); }
};

Article full_article() {
  Article made = article("Docs", "std::vector", "Hello");
  made.body = std::string("<p>\0\xFF raw\r\n</p>", 14);
  made.description = "d";
  made.summary = "s";
  made.keywords = "k";
  made.additional_info = "a";
  made.macro = "vec";
  made.type_name = "Reference";
  made.availability = *parse_time("2024-01-01T00:00:00.123Z");
  made.expiration = *parse_time("1969-12-31T23:59:59Z");
  made.attributes = {{"colour", "text", {"red", "\"green\"", ""}}, {"empty", "text", {}}};
  made.tags = {{"", "cpp"}, {"level", "ädvanced"}};
  made.image_url = "https://example.com/i.png";
  made.include_in_gen_ai = false;
  made.content_path = "content/vector.html";
  made.attachments = {{"Manual", "resources/m.pdf", sha256("m"), 26'214'400}};
  made.inline_resources = {{"inline_resources/i.png", "inline_resources/i.png", sha256("i"), 1}};
  made.links = {{"list.html#top", "Docs", "std::list", "en-US"}};
  return made;
}

TEST_P(KnowledgeTest, GivesBackAnArticleWhole) {
  const Article written = full_article();
  const Time at = clock_.now();
  import_items(kSales, {Folder{"Docs", ""}, written});
  reopen();
  const auto row = base().article(kSales, KnowledgeId(1'000'002));
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->revision, 1);
  EXPECT_EQ(row->created, at);
  EXPECT_EQ(row->modified, at);
  EXPECT_EQ(row->job, store_->jobs().list({})->at(0).id);
  EXPECT_EQ(row->article.text, "Hello");
  EXPECT_EQ(row->article.body, "");
  EXPECT_THAT(row->article.links, IsEmpty());
  EXPECT_EQ(row->article.content_path, "content/vector.html");
  const auto body = base().body(kSales, row->id);
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(*body, written.body);
  Article read = row->article;
  read.body = *body;
  const auto links = base().links(kSales, row->id);
  ASSERT_TRUE(links.ok());
  for (const auto& resolved : *links) read.links.push_back(resolved.link);
  EXPECT_EQ(knowledge::fingerprint(read), knowledge::fingerprint(written)) << article_metadata(read);
}

TEST_P(KnowledgeTest, BodiesAndLinksOfBeforeTheyWerePackedAreReadAsTheyAre) {
  import_items(kSales, {Folder{"Help", ""}, article("Help", "Old")});
  const KnowledgeId id = (*base().find_article(kSales, "Help", "Old", "en-US"))->id;
  const std::string metadata = R"({"content":"old.html","links":[["b.html","Help","Old","en-US"]]})";
  EXPECT_EQ(database_->read_integer("UPDATE article_revisions SET body_size = NULL, packed_body = " +
                                    database_->literal("<p>as it is</p>") +
                                    ", packed_links = NULL, links_size = NULL, metadata = '" + metadata +
                                    "' RETURNING 1"),
            1);
  EXPECT_EQ(base().article(kSales, id)->article.content_path, "old.html");
  const auto links = base().links(kSales, id);
  ASSERT_TRUE(links.ok());
  ASSERT_EQ(links->size(), 1U);
  EXPECT_EQ(links->at(0).link.url, "b.html");
  EXPECT_EQ(links->at(0).target, id);
  EXPECT_EQ(*base().body(kSales, id), "<p>as it is</p>");
}

TEST_P(KnowledgeTest, NumbersAllKindsInOneSequenceInOrderOfCommit) {
  import_items(kSales, {Folder{"Docs", ""}, Folder{"Docs/C", ""}, article("Docs/C", "a"),
                        Topic{"T", "", {}, {}}, Portal{"P", "", {}, {}}});
  EXPECT_THAT(ids(base().folders(in(kSales))), ElementsAre(1'000'001, 1'000'002));
  EXPECT_THAT(ids(base().articles(in(kSales))), ElementsAre(1'000'003));
  EXPECT_THAT(ids(base().topics(in(kSales))), ElementsAre(1'000'004));
  EXPECT_THAT(ids(base().portals(in(kSales))), ElementsAre(1'000'005));
}

TEST_P(KnowledgeTest, FindsByExactIdentityWithItsFingerprint) {
  const Article written = full_article();
  import_items(kSales, {Folder{"Docs", "d"}, written, Topic{"T/U", "", {}, {}}, Portal{"P", "", {}, {}}});
  EXPECT_EQ((*base().find_folder(kSales, "Docs"))->fingerprint, knowledge::fingerprint(Folder{"Docs", "d"}));
  EXPECT_EQ((*base().find_article(kSales, "Docs", "std::vector", "en-US"))->fingerprint,
            knowledge::fingerprint(written));
  EXPECT_EQ((*base().find_topic(kSales, "T/U"))->fingerprint,
            knowledge::fingerprint(Topic{"T/U", "", {}, {}}));
  EXPECT_EQ((*base().find_portal(kSales, "P"))->fingerprint, knowledge::fingerprint(Portal{"P", "", {}, {}}));
  EXPECT_EQ(*base().find_folder(kSales, "docs"), std::nullopt);
  EXPECT_EQ(*base().find_folder(kSales, "Doc"), std::nullopt);
  EXPECT_EQ(*base().find_article(kSales, "Docs", "std::vector", "de-DE"), std::nullopt);
  EXPECT_EQ(*base().find_article(kSales, "", "std::vector", "en-US"), std::nullopt);
  EXPECT_EQ(*base().find_topic(kSales, "T"), std::nullopt);
  EXPECT_EQ(*base().find_portal(kSales, ""), std::nullopt);
  EXPECT_TRUE(*base().has_article(kSales, "Docs", "std::vector"));
  EXPECT_FALSE(*base().has_article(kSales, "Docs", "std"));
  EXPECT_EQ(**base().find_macro(kSales, "vec"), KnowledgeId(1'000'002));
  EXPECT_EQ(*base().find_macro(kSales, ""), std::nullopt);
  EXPECT_TRUE(*base().has_article_type(kSales, "Reference"));
  EXPECT_FALSE(*base().has_article_type(kSales, "reference"));
}

TEST_P(KnowledgeTest, FindsManyInTheOrderInWhichTheyAreAskedFor) {
  const Article written = full_article();
  import_items(kSales, {Folder{"Docs", ""}, Folder{"A \"b\" \\ c", ""}, written, Topic{"T", "", {}, {}}});
  const auto there = [](const auto& found) {
    std::vector<bool> all;
    for (const auto& one : *found) all.push_back(one.has_value());
    return all;
  };
  using Names = std::vector<std::string_view>;
  const auto folders = base().find_folders(kSales, Names{"A \"b\" \\ c", "", "T", "Docs", "Docs"});
  ASSERT_TRUE(folders.ok());
  EXPECT_THAT(there(folders), ElementsAre(true, false, false, true, true));
  EXPECT_EQ(folders->at(4)->id, KnowledgeId(1'000'001));
  EXPECT_THAT(there(base().find_topics(kSales, Names{"Docs", "T"})), ElementsAre(false, true));
  EXPECT_THAT(there(base().find_portals(kSales, Names{"Docs", "T"})), ElementsAre(false, false));
  using Articles = std::vector<knowledge::ArticleIdentity>;
  const auto articles = base().find_articles(kSales, Articles{{"Docs", "none", "en-US"},
                                                              {"Docs", "std::vector", "en-US"},
                                                              {"Docs", "std::vector", "de-DE"}});
  ASSERT_TRUE(articles.ok());
  EXPECT_THAT(there(articles), ElementsAre(false, true, false));
  EXPECT_EQ(articles->at(1)->fingerprint, knowledge::fingerprint(written));
  EXPECT_THAT(*base().find_articles(kSales, {}), IsEmpty());
  EXPECT_THAT(*base().find_folders(kSales, {}), IsEmpty());
}

TEST_P(KnowledgeTest, NamesTheFoldersDirectlyBelow) {
  import_items(kSales,
               {Folder{"B", ""}, Folder{"A", ""}, Folder{"A/2", ""}, Folder{"A/1", ""}, Folder{"A/1/x", ""}});
  EXPECT_THAT(*base().folder_names(kSales, ""), ElementsAre("A", "B"));
  EXPECT_THAT(*base().folder_names(kSales, "A"), ElementsAre("1", "2"));
  EXPECT_THAT(*base().folder_names(kSales, "B"), IsEmpty());
  EXPECT_THAT(*base().folder_names(kLegal, ""), IsEmpty());
}

TEST_P(KnowledgeTest, EveryDepartmentSeesItsOwnAlone) {
  import_items(kSales, {Folder{"Docs", ""}, full_article(), Topic{"T", "", {"Docs/std::vector"}, {"Docs"}},
                        Portal{"P", "", {"T"}, {}}});
  import_items(kLegal, {Folder{"Docs", ""}, Topic{"T", "", {"Docs/std::vector"}, {"Docs"}},
                        Portal{"P", "", {"T"}, {}}});
  index_all();
  const KnowledgeId id(1'000'002);
  EXPECT_EQ(base().article(kLegal, id).error().code, ErrorCode::not_found);
  EXPECT_EQ(base().body(kLegal, id).error().code, ErrorCode::not_found);
  EXPECT_EQ(base().links(kLegal, id).error().code, ErrorCode::not_found);
  EXPECT_EQ(*base().find_article(kLegal, "Docs", "std::vector", "en-US"), std::nullopt);
  EXPECT_FALSE(*base().has_article(kLegal, "Docs", "std::vector"));
  EXPECT_EQ(*base().find_macro(kLegal, "vec"), std::nullopt);
  EXPECT_FALSE(*base().has_article_type(kLegal, "Reference"));
  EXPECT_THAT(*base().articles(in(kLegal)), IsEmpty());
  EXPECT_THAT(*base().articles(in(kLegal, "Docs")), IsEmpty());
  EXPECT_THAT(ids(base().folders(in(kLegal))), ElementsAre(1'000'005));
  EXPECT_THAT(ids(base().topics(in(kLegal))), ElementsAre(1'000'006));
  EXPECT_THAT(base().topics(in(kLegal))->at(0).articles, IsEmpty());
  EXPECT_THAT(base().portals(in(kLegal))->at(0).topics, ElementsAre(KnowledgeId(1'000'006)));
  EXPECT_THAT(base().portals(in(kSales))->at(0).topics, ElementsAre(KnowledgeId(1'000'003)));
  EXPECT_THAT(*base().search(kLegal, "hello", 10, 0), IsEmpty());
  EXPECT_EQ(base().search(kSales, "hello", 10, 0)->size(), 1U);
}

TEST_P(KnowledgeTest, ListsByPagesAndByParent) {
  std::vector<knowledge::Item> items{Folder{"A", ""}, Folder{"B", ""}, Folder{"A/S", ""}};
  for (const char* folder : {"A", "B", "A"}) {
    items.emplace_back(article(folder, "n" + std::to_string(items.size())));
  }
  items.emplace_back(Topic{"T", "", {}, {}});
  items.emplace_back(Topic{"T/U", "", {}, {}});
  import_items(kSales, std::move(items));
  ListFilter filter = in(kSales);
  filter.limit = 2;
  EXPECT_THAT(ids(base().articles(filter)), ElementsAre(1'000'004, 1'000'005));
  filter.after = KnowledgeId(1'000'005);
  EXPECT_THAT(ids(base().articles(filter)), ElementsAre(1'000'006));
  EXPECT_THAT(ids(base().articles(in(kSales, "A"))), ElementsAre(1'000'004, 1'000'006));
  EXPECT_THAT(ids(base().folders(in(kSales, "A"))), ElementsAre(1'000'003));
  EXPECT_THAT(ids(base().topics(in(kSales, "T"))), ElementsAre(1'000'008));
  EXPECT_EQ(base().folders(in(kSales))->at(0).article_count, 2);
  EXPECT_EQ(base().folders(in(kSales))->at(2).article_count, 0);
  EXPECT_EQ(base().articles(in(kSales, "none")).error().code, ErrorCode::not_found);
  EXPECT_EQ(base().folders(in(kSales, "none")).error().code, ErrorCode::not_found);
  EXPECT_EQ(base().topics(in(kSales, "none")).error().code, ErrorCode::not_found);
}

TEST_P(KnowledgeTest, ResolvesTopicsAndPortalsWhenTheyAreRead) {
  Article german = article("Docs", "a");
  german.language = "de-DE";
  import_items(kSales, {Folder{"Docs", ""}, Folder{"More", ""}, article("Docs", "a"), german,
                        article("More", "b"), Topic{"T", "", {"Docs/a", "Docs/not yet"}, {"More", "not yet"}},
                        Portal{"P", "", {"U", "T"}, {"Docs"}}});
  const auto topic = base().topics(in(kSales))->at(0);
  EXPECT_THAT(topic.topic.articles, ElementsAre("Docs/a", "Docs/not yet"));
  EXPECT_THAT(topic.topic.folders, ElementsAre("More", "not yet"));
  EXPECT_THAT(topic.articles,
              ElementsAre(KnowledgeId(1'000'003), KnowledgeId(1'000'004), KnowledgeId(1'000'005)));
  EXPECT_EQ(topic.article_count, 3);
  EXPECT_THAT(base().portals(in(kSales))->at(0).topics, ElementsAre(topic.id));
  import_items(kSales, {article("Docs", "not yet"), Topic{"U", "", {}, {}}});
  EXPECT_EQ(base().topics(in(kSales))->at(0).article_count, 4);
  EXPECT_THAT(base().portals(in(kSales))->at(0).topics, ElementsAre(KnowledgeId(1'000'009), topic.id))
      << "in the order that the portal names them";
  EXPECT_THAT(base().portals(in(kSales))->at(0).portal.folders, ElementsAre("Docs"));
}

TEST_P(KnowledgeTest, ShowsAtMostAThousandArticlesOfATopicAndCountsThemAll) {
  std::vector<knowledge::Item> items{Folder{"F", ""}};
  for (int i = 0; i < 1001; ++i) items.emplace_back(article("F", std::to_string(i)));
  items.emplace_back(Topic{"T", "", {"F/7"}, {"F"}});
  import_items(kSales, std::move(items));
  const auto topic = base().topics(in(kSales))->at(0);
  EXPECT_EQ(topic.articles.size(), 1000U);
  EXPECT_EQ(topic.article_count, 1001);
}

TEST_P(KnowledgeTest, ResolvesLinksWhenTheyAreRead) {
  import_items(kSales, {Folder{"Docs", ""}, full_article()});
  const KnowledgeId id(1'000'002);
  ASSERT_EQ(base().links(kSales, id)->size(), 1U);
  EXPECT_EQ(base().links(kSales, id)->at(0).link.url, "list.html#top");
  EXPECT_EQ(base().links(kSales, id)->at(0).target, std::nullopt);
  import_items(kSales, {article("Docs", "std::list")});
  EXPECT_EQ(base().links(kSales, id)->at(0).target, KnowledgeId(1'000'003));
}

TEST_P(KnowledgeTest, UpdateKeepsTheIdAndWhatItReplaced) {
  import_items(kSales, {Folder{"Docs", ""}, article("Docs", "a", "old words")});
  const Time created = clock_.now();
  clock_.advance(Milliseconds(1000));
  Article changed = article("Docs", "a", "new words");
  changed.macro = "m";
  import_items(kSales, {Folder{"Docs", "changed"}, changed});
  const auto row = base().article(kSales, KnowledgeId(1'000'002));
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->revision, 2);
  EXPECT_EQ(row->article.text, "new words");
  EXPECT_EQ(*base().body(kSales, row->id), "<p>new words</p>");
  EXPECT_EQ(row->created, created);
  EXPECT_EQ(row->modified, clock_.now());
  EXPECT_EQ(row->job, store_->jobs().list({})->at(0).id);
  EXPECT_EQ(**base().find_macro(kSales, "m"), row->id);
  EXPECT_EQ(base().folders(in(kSales))->at(0).folder.description, "changed");
  EXPECT_EQ(count("SELECT count(*) FROM article_revisions WHERE article = 1000002 AND revision = 1 AND "
                  "packed_body = " +
                  database_->literal(pack("<p>old words</p>").bytes) + " AND previous IS NULL"),
            1);
  EXPECT_EQ(count("SELECT count(*) FROM article_revisions AS new JOIN article_revisions AS old "
                  "ON old.change = new.previous WHERE new.revision = 2 AND old.revision = 1"),
            1);
  EXPECT_EQ(count("SELECT count(*) FROM replaced_items WHERE item = 1000001 AND revision = 1 AND "
                  "content ->> 'description' = ''"),
            1);
}

TEST_P(KnowledgeTest, UpdatesTopicsAndPortalsAndKeepsTheOldOnes) {
  import_items(kSales, {Topic{"T", "old", {"A/b"}, {"F"}}, Portal{"P", "old", {"T"}, {}}});
  import_items(kSales, {Topic{"T", "new", {}, {"G"}}, Portal{"P", "new", {}, {"H"}}});
  const auto topic = base().topics(in(kSales))->at(0);
  EXPECT_EQ(topic.id, KnowledgeId(1'000'001));
  EXPECT_EQ(topic.topic.description, "new");
  EXPECT_THAT(topic.topic.articles, IsEmpty());
  EXPECT_THAT(topic.topic.folders, ElementsAre("G"));
  EXPECT_EQ(base().portals(in(kSales))->at(0).portal.description, "new");
  EXPECT_EQ(count("SELECT count(*) FROM replaced_items WHERE content -> 'articles' -> 0 ->> 1 = 'b'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM replaced_items WHERE content -> 'topics' ->> 0 = 'T'"), 1);
}

TEST_P(KnowledgeTest, SameContentAgainWritesNothing) {
  const std::vector<knowledge::Item> items{Folder{"Docs", ""}, full_article(), Topic{"T", "", {}, {"Docs"}},
                                           Portal{"P", "", {"T"}, {}}};
  import_items(kSales, items);
  const JobId first = store_->jobs().list({})->at(0).id;
  clock_.advance(Milliseconds(1000));
  import_items(kSales, items);
  EXPECT_EQ(base().article(kSales, KnowledgeId(1'000'002))->job, first);
  EXPECT_EQ(base().folders(in(kSales))->at(0).modified, clock_.now() - Milliseconds(1000));
  EXPECT_EQ(count("SELECT count(*) FROM article_revisions"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM replaced_items"), 0);
  EXPECT_EQ(count("SELECT sum(last) FROM sequences"), 1'000'004 + 1);
}

TEST_P(KnowledgeTest, ArticlesMaySwapTheirMacrosInOneImport) {
  Article a = article("F", "a");
  Article b = article("F", "b");
  a.macro = "one";
  b.macro = "two";
  import_items(kSales, {Folder{"F", ""}, a, b});
  std::swap(a.macro, b.macro);
  import_items(kSales, {a, b});
  EXPECT_EQ(**base().find_macro(kSales, "two"), KnowledgeId(1'000'002));
  EXPECT_EQ(**base().find_macro(kSales, "one"), KnowledgeId(1'000'003));
}

TEST_P(KnowledgeTest, EmptyKnowledgeBaseAnswersWithNothing) {
  EXPECT_THAT(*base().folders(in(kSales)), IsEmpty());
  EXPECT_THAT(*base().articles(in(kSales)), IsEmpty());
  EXPECT_THAT(*base().search(kSales, "x", 10, 0), IsEmpty());
  EXPECT_EQ(base().article(kSales, KnowledgeId(1)).error().code, ErrorCode::not_found);
}

TEST(ArticleJson, SearchWordsAreKeywordsSummaryAndDescription) {
  Article article;
  article.description = "a \"quoted\" description\n";
  article.summary = "a summary, \u00e9";
  article.links = {{"b.html", "F", "keywords", "en-US"}};
  EXPECT_EQ(*article_search_words(article_metadata(article)),
            "\na summary, \u00e9\na \"quoted\" description\n");
  article.keywords = "one, two";
  EXPECT_EQ(*article_search_words(article_metadata(article)),
            "one, two\na summary, \u00e9\na \"quoted\" description\n");
  EXPECT_EQ(*article_search_words("{}"), "\n\n");
  for (const char* wrong : {"", "{", "[]", "null", R"({"description":1})"}) {
    EXPECT_EQ(article_search_words(wrong).error().code, ErrorCode::corrupt) << wrong;
  }
}

TEST(ArticleJson, DamagedJsonIsAnErrorNotACrash) {
  Article read;
  for (const char* wrong : {"", "{", "[]", "null", R"({"tags":1})", R"({"tags":[[]]})",
                            R"({"attachments":[["n","p","zz",1]]})", R"({"description":1})"}) {
    EXPECT_EQ(read_article_metadata(wrong, read).error().code, ErrorCode::corrupt) << wrong;
  }
  for (const char* wrong : {"", "{}", "[1]", R"([["a"]])"}) {
    EXPECT_EQ(read_article_links(wrong).error().code, ErrorCode::corrupt) << wrong;
  }
  EXPECT_EQ(links_in_metadata(R"({"links":[["a"]]})").error().code, ErrorCode::corrupt);
  EXPECT_THAT(*links_in_metadata("{}"), IsEmpty());
  EXPECT_EQ(read_text_list("{}").error().code, ErrorCode::corrupt);
  EXPECT_EQ(read_article_path_list("[[1]]").error().code, ErrorCode::corrupt);
}

WAYBILL_ON_EACH_DATABASE(KnowledgeTest);

}  // namespace
}  // namespace waybill::storage
