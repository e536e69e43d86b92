#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "api/openapi.h"
#include "api/operation.h"
#include "base/text.h"

namespace waybill::api {
namespace {

/// "get /path operationId" of every operation of the document. It is
/// written with two spaces a level, which is all that has to be known of YAML here.
std::set<std::string> documented() {
  std::set<std::string> found;
  std::string path;
  std::string method;
  bool in_paths = false;
  for (const auto line : split(openapi_yaml(), '\n')) {
    if (!line.empty() && line[0] != ' ') in_paths = line == "paths:";
    if (!in_paths || line.size() < 4) continue;
    const auto indent = line.find_first_not_of(' ');
    const auto text = trim(line);
    if (indent == 2) path = std::string(text.substr(0, text.size() - 1));
    if (indent == 4) method = std::string(text.substr(0, text.size() - 1));
    constexpr std::string_view kId = "operationId: ";
    if (indent == 6 && text.starts_with(kId)) {
      found.insert(method + " " + path + " " + std::string(text.substr(kId.size())));
    }
  }
  return found;
}

TEST(Routes, AreExactlyWhatTheDocumentDescribes) {
  std::set<std::string> served;
  for (const auto& operation : operations(1)) {
    served.insert(to_lower(operation.method) + " " + operation.path + " " + std::string(operation.id));
  }
  EXPECT_EQ(served, documented());
  EXPECT_EQ(served.size(), operations(1).size()) << "two operations share a method and a path";
}

TEST(Routes, NeedATokenUnlessTheyAreMeantForAnyone) {
  for (const auto& operation : operations(1)) {
    const bool below_base = operation.path.starts_with(kBase) && operation.id != "getHealth";
    EXPECT_EQ(operation.access != Access::open, below_base) << operation.id;
    if (operation.method != "POST" || !below_base) continue;
    EXPECT_EQ(operation.access, Access::manage) << operation.id;
  }
}

TEST(Routes, TheDocumentIsInTheBinary) {
  EXPECT_TRUE(openapi_yaml().starts_with("openapi: 3.1.0"));
  EXPECT_THAT(std::string(openapi_yaml()), ::testing::HasSubstr("7A84B875-6F75-4C7B-B137-0632B62DB0BD"));
}

}  // namespace
}  // namespace waybill::api
