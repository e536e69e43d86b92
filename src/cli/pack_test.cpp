#include <gtest/gtest.h>
#include <zip.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/fake_local.h"
#include "cli/page_text.h"
#include "cli/test_console.h"

namespace waybill::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// A tree to be packed, and what came of it.
class Packing : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& bytes) {
    const fs::path file = tree_ / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
  }

  int pack(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"waybill", "pack", tree_.string(), "-o", zip().string()};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<const char*> pointers;
    for (const std::string& word : words) pointers.push_back(word.c_str());
    status_ = run_with(static_cast<int>(pointers.size()), pointers.data(), fake_.local(), test_.console());
    return status_;
  }

  /// An entry's bytes; fails where there is none.
  std::string entry(const std::string& path) {
    zip_t* archive = zip_open(zip().c_str(), ZIP_RDONLY, nullptr);
    if (archive == nullptr) return "no zip";
    std::string bytes = "no entry " + path;
    zip_stat_t stat{};
    if (zip_stat(archive, path.c_str(), 0, &stat) == 0) {
      bytes.assign(stat.size, '\0');
      zip_file_t* file = zip_fopen(archive, path.c_str(), 0);
      EXPECT_EQ(zip_fread(file, bytes.data(), stat.size), static_cast<zip_int64_t>(stat.size));
      zip_fclose(file);
    }
    zip_discard(archive);
    return bytes;
  }
  std::string body(const std::string& path) { return entry("knowledgehub/articles/content/" + path); }

  std::vector<std::string> entries() {
    std::vector<std::string> names;
    zip_t* archive = zip_open(zip().c_str(), ZIP_RDONLY, nullptr);
    if (archive == nullptr) return names;
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
      names.emplace_back(zip_get_name(archive, static_cast<zip_uint64_t>(i), 0));
    }
    zip_discard(archive);
    return names;
  }

  /// "Folder/Path|Name|content" of every article.
  std::vector<std::string> articles() {
    std::vector<std::string> rows;
    const json::value all = json::parse(entry("knowledgehub/articles/articles.json"));
    for (const json::value& article : all.at("articles").as_array()) {
      rows.push_back(std::string(article.at("folder").at("path").as_string()) + "|" +
                     std::string(article.at("name").as_string()) + "|" +
                     std::string(article.at("content").as_string()));
    }
    return rows;
  }

  fs::path zip() const { return folder_.path() / "out.zip"; }

  TemporaryFolder folder_;
  fs::path tree_ = folder_.path() / "Handbook";
  FakeLocal fake_;
  TestConsole test_;
  int status_ = -1;
};

std::string page(const std::string& title, const std::string& content = "") {
  return "<!DOCTYPE html><title>" + title + "</title>" + content;
}

TEST_F(Packing, TitlesBecomeNamesAndDirectoriesFolders) {
  put("index.html", page("Start"));
  put("bikes/cargo/one.html", page("  Cargo \n bike "));
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_EQ(articles(),
            (std::vector<std::string>{"Handbook/bikes/cargo|Cargo bike|content/bikes/cargo/one.html",
                                      "Handbook|Start|content/index.html"}));
  EXPECT_EQ(body("index.html"), page("Start"));
}

TEST_F(Packing, FoldersAndTopicsAreTheSameTreeAndAPortalShowsAll) {
  put("a.html", page("A"));
  put("sub/deep/b.html", page("B"));
  ASSERT_EQ(pack({"--name", "Docs", "--portal", "Front door"}), kFine) << test_.err.str();
  EXPECT_EQ(
      entry("knowledgehub/knowledgehub.json"),
      R"({"knowledge":{"folders":[{"name":"Docs","folders":[{"name":"sub","folders":[{"name":"deep"}]}]}],)"
      R"("topics":[{"name":"Docs","addArticles":{"fromFolders":[{"path":"Docs"}]},"topics":[{"name":"sub",)"
      R"("topics":[{"name":"deep","addArticles":{"fromFolders":[{"path":"Docs/sub/deep"}]}}]}]}],)"
      R"("portals":[{"name":"Front door","addTopics":{"fromTopics":[{"path":"Docs"}]}}]}})"
      "\n");
  EXPECT_EQ(entry("manifest.json"),
            R"({"formatVersion":"1.0","name":"Docs","generator":"waybill pack 1.2.3",)"
            R"("language":"en-US","counts":{"folders":3,"articles":2,"topics":3,"portals":1}})"
            "\n");
}

TEST_F(Packing, NamesAreUniqueInTheirFolderAndHoldNoSlash) {
  put("a.html", page("Input/output"));
  put("b.html", page("Input/output"));
  put("sub/c.html", page("Input/output"));
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_EQ(articles(), (std::vector<std::string>{"Handbook|Input∕output|content/a.html",
                                                  "Handbook|Input∕output (2)|content/b.html",
                                                  "Handbook/sub|Input∕output|content/sub/c.html"}));
}

TEST_F(Packing, AVeryLongTitleIsCutAndStaysUnique) {
  std::string title;
  for (int i = 0; i < 300; ++i) title += "é";
  put("a.html", page(title));
  put("b.html", page(title));
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  const json::value all = json::parse(entry("knowledgehub/articles/articles.json"));
  const std::string first(all.at("articles").at(0).at("name").as_string());
  const std::string second(all.at("articles").at(1).at("name").as_string());
  EXPECT_EQ(utf8_length(first), 255U);
  EXPECT_EQ(utf8_length(second), 255U);
  EXPECT_TRUE(second.ends_with("… (2)")) << second;
}

TEST_F(Packing, WithoutATitleTheHeadingAndThenTheFileGivesTheName) {
  put("a.html", "<h1 class=x>Opening <b>hours</b></h1><p>text");
  put("prices 2024.html", "<p>text");
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_EQ(articles(), (std::vector<std::string>{"Handbook|Opening hours|content/a.html",
                                                  "Handbook|prices 2024|content/prices 2024.html"}));
}

TEST_F(Packing, WhatPagesReferToBecomesAnInlineResource) {
  put("img/a b.png", "png");
  put("unused.png", "png");
  put("terms.pdf", "pdf");
  put("style.css", "css");
  put("sub/page.html",
      page("P",
           "<link rel=stylesheet href=../style.css><img src='../img/a%20b.png?v=1#f'>"
           "<a href=\"../terms.pdf\">terms</a><a href=\"https://example.org/x.png\">out</a>"));
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_EQ(body("sub/page.html"), page("P",
                                        "<link rel=stylesheet href=../../inline_resources/style.css>"
                                        "<img src='../../inline_resources/img/a%20b.png?v=1#f'>"
                                        "<a href=\"../../inline_resources/terms.pdf\">terms</a>"
                                        "<a href=\"https://example.org/x.png\">out</a>"));
  EXPECT_EQ(entries(), (std::vector<std::string>{"manifest.json", "knowledgehub/knowledgehub.json",
                                                 "knowledgehub/articles/articles.json",
                                                 "knowledgehub/articles/content/sub/page.html",
                                                 "knowledgehub/articles/inline_resources/img/a b.png",
                                                 "knowledgehub/articles/inline_resources/style.css",
                                                 "knowledgehub/articles/inline_resources/terms.pdf"}));
}

TEST_F(Packing, LinksBetweenPagesStayByteForByte) {
  const std::string links = "<a href=\"./b.html#part\">b</a><a href='sub/../c%2ehtml'>c</a>";
  put("a.html", page("A", links));
  put("b.html", page("B"));
  put("c.html", page("C"));
  fs::create_directories(tree_ / "sub");
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_EQ(body("a.html"), page("A", links));
}

TEST_F(Packing, LinksToFoldersLeadToTheirIndexAndThoseFromTheTopBecomeRelative) {
  put("x/a.html", page("A", "<a href=../y/?q=1&amp;r=2>y</a><a href='/x/b.html#i'>b</a><a href='/y'>y</a>"));
  put("x/b.html", page("B"));
  put("y/index.html", page("Y"));
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_EQ(body("x/a.html"), page("A",
                                   "<a href=../y/index.html?q=1&amp;r=2>y</a><a href='b.html#i'>b</a>"
                                   "<a href='../y/index.html'>y</a>"));
}

TEST_F(Packing, BrokenReferencesStayAndAreCounted) {
  const std::string broken = "<img src=gone.png><a href='../../outside.html'>o</a>";
  put("a.html", page("A", broken));
  ASSERT_EQ(pack({"--json"}), kFine) << test_.err.str();
  EXPECT_EQ(body("a.html"), page("A", broken));
  EXPECT_EQ(json::parse(test_.out.str()).at("brokenReferences").as_int64(), 2);
}

TEST_F(Packing, LinksThatLeaveTheTreeAreNotFollowed) {
  std::ofstream(folder_.path() / "secret.png") << "secret";
  put("a.html", page("A", "<img src=in.png><img src=out.png>"));
  put("real.png", "png");
  fs::create_symlink(folder_.path() / "secret.png", tree_ / "out.png");
  fs::create_symlink("real.png", tree_ / "in.png");
  fs::create_symlink(folder_.path(), tree_ / "up");
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_EQ(entry("knowledgehub/articles/inline_resources/in.png"), "png");
  EXPECT_EQ(entry("knowledgehub/articles/inline_resources/out.png"),
            "no entry knowledgehub/articles/inline_resources/out.png");
}

TEST_F(Packing, APageInADeclaredEncodingIsConvertedWithItsDeclaration) {
  put("a.html",
      "<meta charset=\"iso-8859-1\"><title>Gr\xFC\xDF"
      "e \x80</title>");
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_EQ(body("a.html"), "<meta charset=\"utf-8\"><title>Grüße €</title>");
  EXPECT_EQ(articles().at(0), "Handbook|Grüße €|content/a.html");
}

TEST_F(Packing, APageInAnUnknownEncodingIsRefusedByName) {
  put("good.html", page("Good"));
  put("sub/bad.html", page("Gr\xFC\xDF"));
  EXPECT_EQ(pack(), kUsage);
  EXPECT_NE(test_.err.str().find("sub/bad.html is not UTF-8"), std::string::npos) << test_.err.str();
  EXPECT_FALSE(fs::exists(zip())) << "nothing half done is left";
}

TEST_F(Packing, TheSameTreeGivesTheSameBytes) {
  put("a.html", page("A", "<img src=i.png>"));
  put("i.png", "png");
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  const std::string first = read_file(zip(), 1 << 20).value();
  fs::last_write_time(tree_ / "a.html", fs::file_time_type::clock::now() - std::chrono::hours(50));
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_TRUE(first == read_file(zip(), 1 << 20).value());
}

TEST_F(Packing, TheDateIsTheOneOfTheSource) {
  put("a.html", page("A"));
  test_.variables["SOURCE_DATE_EPOCH"] = "1709287200";
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  EXPECT_EQ(json::parse(entry("manifest.json")).at("createdDate").as_string(), "2024-03-01T10:00:00.000Z");
}

TEST_F(Packing, FoldersDeeperThanAllowedShareTheDeepestOne) {
  std::string path;
  for (int i = 0; i < 25; ++i) path += "d/";
  put(path + "a.html", page("A"));
  ASSERT_EQ(pack(), kFine) << test_.err.str();
  const std::string folder = articles().at(0).substr(0, articles().at(0).find('|'));
  EXPECT_EQ(split(folder, '/').size(), 20U) << folder;
}

TEST_F(Packing, ATreeWithoutPagesIsWrongUsage) {
  put("a.txt", "text");
  EXPECT_EQ(pack(), kUsage);
  EXPECT_NE(test_.err.str().find("no HTML file"), std::string::npos) << test_.err.str();
}

TEST(CleanName, TakesOutWhatANameMayNotHold) {
  EXPECT_EQ(clean_name(" a \t\n b/c "), "a b\u2215c");
  EXPECT_EQ(clean_name("a\u00A0\u00A0b\u0085c\x7F"), "a bc");
  EXPECT_EQ(clean_name("abcdef", 4), "abc…");
  EXPECT_EQ(clean_name("   "), "");
}

TEST(DecodePage, LeavesWhatIsUtf8Alone) {
  const std::string bytes = "\xEF\xBB\xBF<meta charset=latin1>ü";
  const auto page = decode_page(bytes, "a.html");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->text, bytes);
  EXPECT_FALSE(page->converted);
}

TEST(DecodePage, ReadsUtf16ByItsByteOrderMark) {
  const auto page = decode_page(std::string("\xFF\xFE"
                                            "a\0\xFC\0",
                                            6),
                                "a.html");
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_EQ(page->text, "aü");
}

}  // namespace
}  // namespace waybill::cli
