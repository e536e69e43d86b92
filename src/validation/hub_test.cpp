#include "validation/test_support.h"

namespace waybill::validation {
namespace {

using namespace test;
using report::Rule;

TEST(Hub, IsTakenApartParentsFirstInTheFilesOrder) {
  const Hub hub = hub_of(R"({"$schema": "x", "knowledge": {
    "folders": [{"name": "A", "description": "d", "folders": [{"name": "B"}]}, {"name": "C"}],
    "topics": [{"name": "T", "topics": [{"name": "U"}],
                "addArticles": {"fromArticles": [{"path": "A/B/x"}], "fromFolders": [{"path": "A"}]}}],
    "portals": [{"name": "P/1", "description": "p", "fromTopics": [{"path": "T/U"}],
                 "addTopics": {"fromTopics": [{"path": "T"}], "fromFolders": [{"path": "C"}]}}]}})");
  EXPECT_TRUE(hub.findings.empty()) << codes(hub.findings);
  ASSERT_EQ(hub.folders.size(), 3U);
  EXPECT_EQ(hub.folders[0].item.path, "A");
  EXPECT_EQ(hub.folders[0].item.description, "d");
  EXPECT_EQ(hub.folders[1].item.path, "A/B");
  EXPECT_EQ(hub.folders[1].location.pointer, "/knowledge/folders/0/folders/0");
  EXPECT_EQ(hub.folders[1].location.line, 2U);
  EXPECT_EQ(hub.folders[2].item.path, "C");
  ASSERT_EQ(hub.topics.size(), 2U);
  EXPECT_EQ(hub.topics[0].item.articles, std::vector<std::string>{"A/B/x"});
  EXPECT_EQ(hub.topics[0].item.folders, std::vector<std::string>{"A"});
  EXPECT_EQ(hub.topics[0].places.articles.at(0).pointer,
            "/knowledge/topics/0/addArticles/fromArticles/0/path");
  EXPECT_EQ(hub.topics[1].item.path, "T/U");
  ASSERT_EQ(hub.portals.size(), 1U);
  EXPECT_EQ(hub.portals[0].item.name, "P/1");
  EXPECT_EQ(hub.portals[0].item.topics, (std::vector<std::string>{"T", "T/U"}));
  EXPECT_EQ(hub.portals[0].places.topics.at(1).pointer, "/knowledge/portals/0/fromTopics/0/path");
  EXPECT_EQ(hub.portals[0].item.folders, std::vector<std::string>{"C"});
  for (const auto& folder : hub.folders) EXPECT_TRUE(folder.acceptable) << folder.item.path;
  EXPECT_TRUE(hub.topics[0].acceptable && hub.topics[1].acceptable && hub.portals[0].acceptable);
}

TEST(Hub, NeedsNoWrapperAndNoLists) {
  const Hub bare = hub_of(R"({"folders": [{"name": "A"}]})");
  EXPECT_TRUE(bare.findings.empty()) << codes(bare.findings);
  ASSERT_EQ(bare.folders.size(), 1U);
  EXPECT_EQ(bare.folders[0].location.pointer, "/folders/0");
  EXPECT_TRUE(hub_of("{}").findings.empty());
  EXPECT_TRUE(hub_of(R"({"knowledge": {}})").findings.empty());
}

TEST(Hub, ListsBesideTheWrapperAreNotLostInSilence) {
  const Marked input(R"({"knowledge": {}, "topics": @@[]})");
  const auto finding = only(hub_of(input.text).findings, Rule::hub_structure);
  EXPECT_EQ(finding.message, "\"topics\" stands beside \"knowledge\", where it is not read.");
  EXPECT_EQ(finding.location.pointer, "/topics");
  EXPECT_EQ(finding.location.column, input.column);
}

TEST(Hub, OfAnotherKindIsOneProblem) {
  for (const std::string text : {"[]", "7", "null", R"({"knowledge": null})", R"({"knowledge": []})"}) {
    const Hub hub = hub_of(text);
    EXPECT_EQ(hub.findings.size(), 1U) << text << "\n" << codes(hub.findings);
    EXPECT_EQ(hub.findings.at(0).rule, Rule::hub_structure) << text;
  }
}

TEST(Folder, WithoutAUsableNameIsNamedByItsPlaceAndSoAreItsChildren) {
  const Hub hub =
      hub_of(R"({"folders": [{"name": "A", "folders": [{}, {"name": 3, "folders": [{"name": "C"}]}]}]})");
  ASSERT_EQ(hub.folders.size(), 4U);
  EXPECT_TRUE(hub.folders[0].acceptable);
  EXPECT_EQ(hub.folders[1].item.path, "A/(no name, folders/0)");
  EXPECT_FALSE(hub.folders[1].acceptable);
  EXPECT_EQ(hub.folders[2].item.path, "A/(no name, folders/1)");
  EXPECT_EQ(only(hub.folders[2].findings, Rule::folder_structure).message,
            "\"name\": expected a string, found a number (3).");
  EXPECT_EQ(hub.folders[3].item.path, "A/(no name, folders/1)/C");
  EXPECT_FALSE(hub.folders[3].acceptable);
  EXPECT_EQ(only(hub.folders[3].findings, Rule::folder_name).message,
            "The folder has no path: one above it has no name that can be used.");
}

TEST(Folder, BelowAnUnacceptableOneKeepsItsOwnFate) {
  const Hub hub = hub_of(R"({"folders": [{"name": "A", "description": 1, "folders": [{"name": "B"}]}]})");
  EXPECT_FALSE(hub.folders.at(0).acceptable);
  EXPECT_TRUE(hub.folders.at(1).acceptable);
  EXPECT_EQ(hub.folders.at(1).item.path, "A/B");
}

TEST(Folder, ShowsAllOfItsProblemsAtOnce) {
  const Hub hub =
      hub_of(R"({"folders": [{"name": "a/b", "description": null, "folders": {}, "desription": "x"}]})");
  const auto& findings = hub.folders.at(0).findings;
  EXPECT_EQ(findings.size(), 4U) << codes(findings);
  EXPECT_EQ(only(findings, Rule::hub_unknown_member).advice, "Did you mean \"description\"?");
  only(findings, Rule::folder_name);
}

TEST(Names, AreCountedInCodePoints) {
  std::string name;
  for (int i = 0; i < 255; ++i) name += "😀";
  EXPECT_TRUE(hub_of(R"({"folders": [{"name": ")" + name + "\"}]}").folders.at(0).acceptable);
  EXPECT_FALSE(hub_of(R"({"folders": [{"name": ")" + name + "x\"}]}").folders.at(0).acceptable);
}

TEST(Folders, OfTheSameNameInDifferentFoldersAreNoDuplicates) {
  EXPECT_EQ(
      codes(hub_findings(
          R"({"folders": [{"name": "a", "folders": [{"name": "a"}]}, {"name": "A"}], "topics": [{"name": "a"}]})")),
      "no findings");
}

TEST(Depth, OfTwentyIsFine) {
  std::string text = "{\"folders\": [";
  std::string end;
  for (int i = 0; i < 20; ++i) {
    text += R"({"name": "n", "folders": [)";
    end += "]}";
  }
  EXPECT_EQ(codes(hub_findings(text + end + "]}")), "no findings");
}

TEST(Hub, AHostileItemMakesBoundedFindings) {
  std::string text = R"({"folders": [{"name": "n")";
  for (int i = 0; i < 5000; ++i) text += ", \"unknown" + std::to_string(i) + "\": 1";
  const Hub hub = hub_of(text + "}]}");
  ASSERT_EQ(hub.folders.at(0).findings.size(), 101U);
  EXPECT_EQ(hub.folders.at(0).findings.back().message,
            "There are more places like these here; the first 100 are listed.");
}

}  // namespace
}  // namespace waybill::validation
