#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "validation/checks.h"

// For the tests of validation/ alone.

namespace waybill::validation::test {

inline constexpr std::string_view kFile = "the.json";
inline constexpr std::string_view kBodyFile = "knowledgehub/articles/content/a.html";

/// JSON in which "@@" marks where a finding is expected, without the mark and with its place.
struct Marked {
  explicit Marked(std::string_view with_mark) : text(with_mark) {
    const auto at = text.find("@@");
    if (at == std::string::npos) return;
    text.erase(at, 2);
    line =
        static_cast<std::uint32_t>(1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
    const auto newline = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    column = static_cast<std::uint32_t>(newline == std::string::npos ? at + 1 : at - newline);
  }
  std::string text;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

inline package::JsonDocument parse(std::string text) {
  package::JsonReader reader;
  auto outcome = reader.read(std::move(text), {}, 64);
  if (!outcome.document) throw std::runtime_error("the test's own JSON is wrong: " + outcome.defect.message);
  return std::move(*outcome.document);
}

inline Findings manifest_findings(const std::string& text) {
  Findings findings;
  check_manifest(parse(text), kFile, findings);
  return findings;
}

inline Hub hub_of(const std::string& text) {
  return check_hub(parse(text), kFile);
}

/// Of the file and of every item in it.
inline Findings hub_findings(const std::string& text) {
  Hub hub = hub_of(text);
  Findings all = std::move(hub.findings);
  const auto take = [&](auto& items) {
    for (auto& item : items) all.insert(all.end(), item.findings.begin(), item.findings.end());
  };
  take(hub.folders);
  take(hub.topics);
  take(hub.portals);
  return all;
}

inline CheckedArticle article_of(const std::string& text) {
  return check_article(parse(text), kFile, "/articles/7", "en-US");
}

/// A good article with more members: with_members(R"("tags": [])").
inline std::string with_members(const std::string& more) {
  return R"({"name": "N", "folder": {"path": "F"}, "content": "content/a.html", )" + more + "}";
}

inline std::string codes(const Findings& findings) {
  std::string all;
  for (const auto& finding : findings) {
    all += std::string(report::info(finding.rule).code) + " " + finding.location.pointer + ": " +
           finding.message + "\n";
  }
  return all.empty() ? "no findings" : all;
}

/// The only finding of that rule; a failure of the test and an empty one where there is none or several.
inline report::Finding only(const Findings& findings, report::Rule rule) {
  report::Finding one;
  const auto is_rule = [&](const report::Finding& finding) { return finding.rule == rule; };
  EXPECT_EQ(std::count_if(findings.begin(), findings.end(), is_rule), 1)
      << "expected exactly one " << report::info(rule).code << " among:\n"
      << codes(findings);
  const auto at = std::find_if(findings.begin(), findings.end(), is_rule);
  return at == findings.end() ? one : *at;
}

/// What is there, as a test says it.
class FakeKnown final : public Known {
 public:
  std::set<std::string, std::less<>> folders, articles, topics, types;
  std::set<std::string, std::less<>> languages_on{"en-US"};
  std::map<std::string, std::uint64_t, std::less<>> files;
  std::map<std::string, Identity, std::less<>> contents;

  bool folder(std::string_view path) const override { return folders.contains(path); }
  bool article(std::string_view path) const override { return articles.contains(path); }
  bool topic(std::string_view path) const override { return topics.contains(path); }
  bool language_enabled(std::string_view code) const override { return languages_on.contains(code); }
  bool article_type(std::string_view name) const override { return types.contains(name); }
  std::vector<std::string> folder_names(std::string_view parent) const override {
    return names_below(folders, parent);
  }
  std::optional<std::uint64_t> file(std::string_view path) const override {
    const auto at = files.find(path);
    return at == files.end() ? std::nullopt : std::optional(at->second);
  }
  std::vector<std::string> file_names(std::string_view parent) const override {
    std::set<std::string, std::less<>> paths;
    for (const auto& [path, size] : files) paths.insert(path);
    return names_below(paths, parent);
  }
  std::optional<Identity> article_of_content(std::string_view path) const override {
    const auto at = contents.find(path);
    return at == contents.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  static std::vector<std::string> names_below(const std::set<std::string, std::less<>>& paths,
                                              std::string_view parent) {
    const std::string start = parent.empty() ? "" : std::string(parent) + "/";
    std::vector<std::string> names;
    for (const auto& path : paths) {
      if (path.starts_with(start) && path.find('/', start.size()) == std::string::npos) {
        names.push_back(path.substr(start.size()));
      }
    }
    return names;
  }
};

/// A good article and all that it refers to.
struct GoodArticle {
  CheckedArticle article = article_of(with_members(R"("articleType": {"typeName": "T"})"));
  FakeKnown known;
  GoodArticle() {
    known.folders = {"F"};
    known.types = {"T"};
    known.files = {{"content/a.html", 10}};
  }
};

}  // namespace waybill::validation::test
