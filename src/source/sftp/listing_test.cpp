#include "source/sftp/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace waybill::source {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = RemoteInfo::Kind;

const Context kContext(system_clock());

RemoteEntry entry(std::string name, Kind kind = Kind::file) {
  return {std::move(name), {kind, 1, 1}};
}

/// Lists a server that has these folders.
Result<std::vector<std::string>> paths(const std::map<std::string, std::vector<RemoteEntry>>& folders) {
  const FolderLister lister = [&](const std::string& folder,
                                  std::size_t) -> Result<std::vector<RemoteEntry>> {
    const auto found = folders.find(folder);
    if (found == folders.end()) return Error{ErrorCode::not_found, folder};
    return found->second;
  };
  WB_TRY(const auto files, list_below("/drop", lister, kContext));
  std::vector<std::string> out;
  for (const auto& file : files) out.push_back(file.path);
  return out;
}

TEST(ListBelow, GivesFilesOfAllFoldersSorted) {
  const auto found = paths({{"/drop", {entry("."), entry(".."), entry("b"), entry("a", Kind::folder)}},
                            {"/drop/a", {entry("z"), entry("c", Kind::folder)}},
                            {"/drop/a/c", {}}});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(*found, ElementsAre("a/z", "b"));
}

TEST(ListBelow, LogsAtTheTopAreNotOfThePackage) {
  const auto found = paths({{"/drop", {entry("logs", Kind::folder), entry("a", Kind::folder)}},
                            {"/drop/a", {entry("logs", Kind::folder)}},
                            {"/drop/a/logs", {entry("x")}}});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(*found, ElementsAre("a/logs/x"));
}

TEST(ListBelow, NamesThatAreNoneAreRefused) {
  for (const std::string& name :
       {std::string("../x"), std::string("a/b"), std::string(), std::string("a\0b", 3)}) {
    const auto found = paths({{"/drop", {entry(name)}}});
    ASSERT_FALSE(found.ok()) << name;
    EXPECT_EQ(found.error().code, ErrorCode::corrupt);
  }
}

TEST(ListBelow, LinksAndSpecialFilesAreNamed) {
  const auto found = paths({{"/drop", {entry("l\n", Kind::link), entry("s", Kind::other), entry("f")}}});
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(found.error().message, HasSubstr("l\\n, s"));
}

TEST(ListBelow, FoldersInsideEachOtherWithoutEndEnd) {
  const FolderLister lister = [](const std::string&, std::size_t) -> Result<std::vector<RemoteEntry>> {
    return std::vector<RemoteEntry>{entry("again", Kind::folder)};
  };
  const auto found = list_below("/drop", lister, kContext);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::limit_exceeded);
}

TEST(ListBelow, WhatItKeepsOfNamesIsBounded) {
  const FolderLister lister = [&](const std::string&, std::size_t most) -> Result<std::vector<RemoteEntry>> {
    std::vector<RemoteEntry> all(std::min<std::size_t>(most, 100'000), entry(std::string(3'000, 'x')));
    return all;
  };
  const auto found = list_below("/drop", lister, kContext);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::limit_exceeded);
  EXPECT_THAT(found.error().message, HasSubstr("MiB"));
}

}  // namespace
}  // namespace waybill::source
