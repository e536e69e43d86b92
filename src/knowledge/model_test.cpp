#include "knowledge/model.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace waybill::knowledge {
namespace {

Article sample() {
  Article article;
  article.folder = "Docs/C++";
  article.name = "std::vector";
  article.language = "en-US";
  article.body = "<p>Hello</p>";
  article.text = "Hello";
  article.content_path = "content/vector.html";
  return article;
}

TEST(Model, NamesKindAndPathOfEveryItem) {
  EXPECT_EQ(kind_of(Folder{"A/B", ""}), report::ItemKind::folder);
  EXPECT_EQ(kind_of(sample()), report::ItemKind::article);
  EXPECT_EQ(kind_of(Topic{"T", "", {}, {}}), report::ItemKind::topic);
  EXPECT_EQ(kind_of(Portal{"P", "", {}, {}}), report::ItemKind::portal);
  EXPECT_EQ(path_of(Folder{"A/B", ""}), "A/B");
  EXPECT_EQ(path_of(sample()), "Docs/C++/std::vector");
  EXPECT_EQ(path_of(Topic{"T/U", "", {}, {}}), "T/U");
  EXPECT_EQ(path_of(Portal{"P", "", {}, {}}), "P");
}

TEST(Fingerprint, DiffersWithEverythingThatAnImportSets) {
  const std::vector<std::function<void(Article&)>> changes{
      [](Article& a) { a.folder = "Docs"; },
      [](Article& a) { a.name = "std::list"; },
      [](Article& a) { a.language = "de-DE"; },
      [](Article& a) { a.description = "x"; },
      [](Article& a) { a.summary = "x"; },
      [](Article& a) { a.keywords = "x"; },
      [](Article& a) { a.additional_info = "x"; },
      [](Article& a) { a.macro = "x"; },
      [](Article& a) { a.type_name = "x"; },
      [](Article& a) { a.image_url = "x"; },
      [](Article& a) { a.availability = Time{}; },
      [](Article& a) { a.expiration = Time{}; },
      [](Article& a) { a.include_in_gen_ai = true; },
      [](Article& a) { a.include_in_gen_ai = false; },
      [](Article& a) {
        a.attributes = {{"n", "t", {"v"}}};
      },
      [](Article& a) {
        a.attributes = {{"n", "t", {"v", ""}}};
      },
      [](Article& a) {
        a.tags = {{"", "x"}};
      },
      [](Article& a) {
        a.tags = {{"x", ""}};
      },
      [](Article& a) { a.body += "\n"; },
      [](Article& a) {
        a.attachments = {{"n", "p", {}, 1}};
      },
      [](Article& a) {
        a.attachments = {{"n", "p", sha256("x"), 1}};
      },
      [](Article& a) {
        a.inline_resources = {{"n", "p", {}, 1}};
      },
      [](Article& a) {
        a.links = {{"u", "f", "n", "en-US"}};
      },
  };
  std::set<Sha256> seen{fingerprint(sample())};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Article article = sample();
    changes[i](article);
    EXPECT_TRUE(seen.insert(fingerprint(article)).second)
        << "change " << i << " gives a fingerprint seen before";
  }
}

TEST(Fingerprint, LeavesOutWhatFollowsFromTheBodyOrIsThePackagesAffair) {
  Article article = sample();
  article.text = "something else";
  article.content_path = "content/moved.html";
  EXPECT_EQ(fingerprint(article), fingerprint(sample()));
}

TEST(Fingerprint, DoesNotRunNeighbouringTextsTogether) {
  EXPECT_NE(fingerprint(Folder{"ab", "c"}), fingerprint(Folder{"a", "bc"}));
  EXPECT_NE(fingerprint(Topic{"t", "", {"a", "b"}, {}}), fingerprint(Topic{"t", "", {"a"}, {"b"}}));
  EXPECT_NE(fingerprint(Topic{"t", "", {"ab"}, {}}), fingerprint(Topic{"t", "", {"a", "b"}, {}}));
  EXPECT_NE(fingerprint(Topic{"t", "d", {}, {}}), fingerprint(Portal{"t", "d", {}, {}}));
}

// Stored fingerprints are compared with new ones for as long as a knowledge base lives: the form of a folder,
// written out by hand: format 1, kind 1, then each text with its length, numbers of 8 bytes, low byte first.
TEST(Fingerprint, KeepsItsForm) {
  const auto number = [](char n) { return std::string(1, n) + std::string(7, '\0'); };
  EXPECT_EQ(fingerprint(Folder{"A/B", "d"}),
            sha256(number(1) + number(1) + number(3) + "A/B" + number(1) + "d"));
}

TEST(Outcome, HasAWord) {
  EXPECT_EQ(to_string(Outcome::created), "created");
  EXPECT_EQ(to_string(Outcome::updated), "updated");
  EXPECT_EQ(to_string(Outcome::unchanged), "unchanged");
  EXPECT_EQ(parse_outcome("removed"), Outcome::removed);
  EXPECT_EQ(parse_outcome("Removed"), std::nullopt);
}

}  // namespace
}  // namespace waybill::knowledge
