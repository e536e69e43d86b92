#include "observe/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace waybill::observe {
namespace {

using ::testing::ElementsAre;

class LogTest : public ::testing::Test {
 protected:
  Logger::Sink sink() {
    return [this](std::string_view line) { lines_.emplace_back(line); };
  }
  FakeClock clock_{*parse_time("2024-03-01T10:00:00.000Z")};
  std::vector<std::string> lines_;
};

TEST_F(LogTest, TextLineHasTimeLevelEventAndFields) {
  const Logger logger(Level::info, Format::text, clock_, sink());
  logger.log(Level::info, "http.answer",
             {{"status", 200}, {"path", "/livez"}, {"ms", 1.5}, {"secure", false}, {"bytes", 7U}});
  EXPECT_THAT(lines_, ElementsAre("2024-03-01T10:00:00.000Z info http.answer status=200 path=/livez ms=1.5 "
                                  "secure=false bytes=7"));
}

TEST_F(LogTest, JsonLineHasTheSame) {
  const Logger logger(Level::info, Format::json, clock_, sink());
  logger.log(Level::warning, "job.slow", {{"name", "a\"b\\c\n"}, {"count", -3}, {"late", true}});
  EXPECT_THAT(lines_,
              ElementsAre(R"({"time":"2024-03-01T10:00:00.000Z","level":"warning","event":"job.slow",)"
                          R"("name":"a\"b\\c\u000a","count":-3,"late":true})"));
}

TEST_F(LogTest, NoFieldCanForgeALine) {
  const Logger logger(Level::info, Format::text, clock_, sink());
  logger.log(Level::info, "e",
             {{"a", "x\n2024 error forged"}, {"b", ""}, {"c", "say \"no\""}, {"d", "\x1b[2J"}});
  EXPECT_THAT(lines_, ElementsAre("2024-03-01T10:00:00.000Z info e a=\"x\\n2024 error forged\" b=\"\" "
                                  "c=\"say \\\"no\\\"\" d=\\u001b[2J"));
}

TEST_F(LogTest, BytesThatAreNotUtf8AreReplaced) {
  const Logger json(Level::info, Format::json, clock_, sink());
  json.log(Level::info, "e", {{"a", "x\xFFy"}});
  EXPECT_THAT(lines_[0], ::testing::HasSubstr("\"a\":\"x\xEF\xBF\xBDy\""));
}

TEST_F(LogTest, EventsBelowTheLevelAreDropped) {
  const Logger logger(Level::warning, Format::text, clock_, sink());
  EXPECT_FALSE(logger.enabled(Level::info));
  logger.log(Level::info, "quiet");
  logger.log(Level::error, "loud");
  EXPECT_THAT(lines_, ElementsAre("2024-03-01T10:00:00.000Z error loud"));
}

TEST_F(LogTest, LinesOfManyThreadsDoNotMix) {
  const Logger logger(Level::info, Format::text, clock_, sink());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&logger] {
      for (int i = 0; i < 100; ++i) logger.log(Level::info, "tick", {{"filler", std::string(100, 'x')}});
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(lines_.size(), 400U);
  for (const auto& line : lines_) EXPECT_EQ(line, lines_[0]);
}

TEST(LogNames, AreThoseOfTheSettings) {
  EXPECT_EQ(parse_level("warning"), Level::warning);
  EXPECT_EQ(parse_level("loud"), std::nullopt);
  EXPECT_EQ(parse_format("json"), Format::json);
  EXPECT_EQ(parse_format("xml"), std::nullopt);
}

}  // namespace
}  // namespace waybill::observe
