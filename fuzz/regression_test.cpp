// Every seed and every crash that was ever found, in the ordinary build: what was mended stays mended.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "targets.h"

namespace waybill::fuzz {
namespace {

class Regression : public testing::TestWithParam<Target> {};

TEST_P(Regression, SeedsAndCrashesAreRead) {
  std::size_t seeds = 0;
  for (const char* kind : {"seeds", "crashes"}) {
    const auto folder = std::filesystem::path(WAYBILL_FUZZ_FOLDER) / kind / GetParam().name;
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      SCOPED_TRACE(file.path().string());
      const auto bytes = read_file(file.path(), 16U << 20);
      ASSERT_TRUE(bytes.ok());
      GetParam().run(*bytes);
      for (std::size_t length = 0; length < bytes->size(); length += 1 + bytes->size() / 200) {
        GetParam().run(std::string_view(*bytes).substr(0, length));
      }
      ++seeds;
    }
  }
  GetParam().run("");
  EXPECT_GE(seeds, 2U) << "a target without seeds finds little";
}

INSTANTIATE_TEST_SUITE_P(Targets, Regression, testing::ValuesIn(kTargets),
                         [](const auto& value) { return std::string(value.param.name); });

}  // namespace
}  // namespace waybill::fuzz
