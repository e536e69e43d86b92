#include "source/s3/key_path.h"

#include <gtest/gtest.h>

namespace waybill::source {
namespace {

TEST(PathOfKey, IsThatInThePackage) {
  EXPECT_EQ(*path_of_key("folder/a/b.html", "folder/"), "a/b.html");
  EXPECT_EQ(*path_of_key("folder/", "folder/"), "") << "a console's object for the folder itself";
  EXPECT_EQ(*path_of_key("folder/a/", "folder/"), "");
  EXPECT_EQ(*path_of_key("folder/logs/x.txt", "folder/"), "");
}

TEST(PathOfKey, LeavesThePackageNowhere) {
  for (const char* key : {"folder/../x", "folder/a/../../x", "folder//x", "folder/./x", "folder/a/.."}) {
    const auto path = path_of_key(key, "folder/");
    ASSERT_FALSE(path.ok()) << key;
    EXPECT_EQ(path.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace waybill::source
