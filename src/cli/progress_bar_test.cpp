#include "cli/progress_bar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "cli/progress_view.h"
#include "cli/test_console.h"

namespace waybill::cli {
namespace {

using std::chrono::seconds;

BarState half_way() {
  return {.operation = "Processing content items",
          .processed = 2210,
          .total = 4420,
          .per_second = 812,
          .left = seconds(3)};
}

TEST(ProgressBar, ShowsAllOfItWhereThereIsRoom) {
  const std::string line = render_bar(half_way(), 120, false);
  EXPECT_TRUE(line.starts_with("Processing content items  ▕")) << line;
  EXPECT_TRUE(line.ends_with("▏   50 %  2,210/4,420  0:03 left  812/s")) << line;
}

TEST(ProgressBar, HalfDoneFillsHalfOfTheBar) {
  const std::string line = render_bar(half_way(), 200, false);
  std::size_t full = 0;
  for (std::size_t at = line.find("█"); at != std::string::npos; at = line.find("█", at + 1)) ++full;
  EXPECT_EQ(full, 20U) << "the widest bar has 40 columns: " << line;
}

TEST(ProgressBar, NeverFillsTheLastColumnAtAnyWidth) {
  for (unsigned width = 2; width < 200; ++width) {
    const std::string line = render_bar(half_way(), width, false);
    EXPECT_LT(utf8_length(line), width) << line;
    EXPECT_FALSE(first_invalid_utf8(line)) << "cut inside a character at width " << width;
  }
}

TEST(ProgressBar, LeavesOutTheRateBeforeThePercentage) {
  const std::string line = render_bar(half_way(), 24, false);
  EXPECT_NE(line.find("50 %"), std::string::npos) << line;
  EXPECT_EQ(line.find("/s"), std::string::npos) << line;
}

TEST(ProgressBar, WithoutATotalShowsOperationAndCountAlone) {
  const std::string line =
      render_bar({.operation = "Reading package", .processed = 12, .total = {}, .left = {}}, 80, false);
  EXPECT_EQ(line, "Reading package  12");
}

TEST(ProgressBar, ColoursOnlyWhenAskedTo) {
  EXPECT_EQ(render_bar(half_way(), 80, false).find('\x1b'), std::string::npos);
  EXPECT_NE(render_bar(half_way(), 80, true).find("\x1b["), std::string::npos);
}

TEST(ProgressBar, PercentageIsRoundedDownAndHundredOnlyAtTheEnd) {
  EXPECT_EQ(percentage(4999, 5000), 99);
  EXPECT_EQ(percentage(5000, 5000), 100);
  EXPECT_EQ(percentage(1250, 5000), 25);
  EXPECT_EQ(percentage(0, 0), 100);
}

TEST(ProgressBar, WritesDurationsAsClocksDo) {
  EXPECT_EQ(clock_time(seconds(7)), "0:07");
  EXPECT_EQ(clock_time(seconds(754)), "12:34");
  EXPECT_EQ(clock_time(seconds(3723)), "1:02:03");
}

TEST(RateMeter, TellsItemsASecondAndTheTimeLeftAtThatRate) {
  RateMeter meter;
  meter.add(seconds(0), 0);
  EXPECT_EQ(meter.per_second(), 0) << "one sample is no rate";
  meter.add(seconds(2), 200);
  EXPECT_DOUBLE_EQ(meter.per_second(), 100);
  EXPECT_EQ(meter.left(200, 700), seconds(5));
  EXPECT_FALSE(meter.left(700, 700)) << "nothing is left";
}

TEST(RateMeter, ForgetsWhatIsLongAgo) {
  RateMeter meter;
  meter.add(seconds(0), 0);
  meter.add(seconds(100), 10'000);
  meter.add(seconds(110), 10'010);
  EXPECT_DOUBLE_EQ(meter.per_second(), 1);
}

TEST(ProgressView, OffATerminalPrintsALineAtEachTenthAndEachOperation) {
  TestConsole test;
  const Console console = test.console();
  FakeClock clock(Time{});
  ProgressView view(console, false, clock);
  view.show("Reading package", 0, {});
  for (int done = 0; done <= 100; ++done) {
    clock.advance(Milliseconds(1));
    view.show("Processing content items", done, 100);
  }
  std::istringstream lines(test.err.str());
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) ++count;
  EXPECT_EQ(count, 12U) << "one for reading, eleven for 0 % to 100 %:\n" << test.err.str();
  EXPECT_EQ(test.err.str().find('\r'), std::string::npos);
}

TEST(ProgressView, OffATerminalStillSpeaksEveryFiveSeconds) {
  TestConsole test;
  const Console console = test.console();
  FakeClock clock(Time{});
  ProgressView view(console, false, clock);
  view.show("Processing content items", 1, 1000);
  const std::size_t before = test.err.str().size();
  clock.advance(Milliseconds(4'999));
  view.show("Processing content items", 2, 1000);
  EXPECT_EQ(test.err.str().size(), before);
  clock.advance(Milliseconds(1));
  view.show("Processing content items", 3, 1000);
  EXPECT_GT(test.err.str().size(), before);
}

TEST(ProgressView, OnATerminalRedrawsAtMostTenTimesASecond) {
  TestConsole test;
  const Console console = test.console(true);
  FakeClock clock(Time{});
  ProgressView view(console, false, clock);
  for (int done = 0; done < 1000; ++done) {
    view.show("Processing content items", done, 1000);
    clock.advance(Milliseconds(1));
  }
  const std::string drawn = test.err.str();
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), '\r'), 10);
  EXPECT_EQ(drawn.find('\n'), std::string::npos) << "it is redrawn in place";
  view.finish();
  EXPECT_TRUE(test.err.str().ends_with("\r\x1b[K")) << "the line is taken away at the end";
}

TEST(ProgressView, MeasuresEachOperationByItself) {
  TestConsole test;
  const Console console = test.console();
  FakeClock clock(Time{});
  ProgressView view(console, false, clock);
  view.show("Reading pages", 0, 1000);
  clock.advance(Milliseconds(1'000));
  view.show("Reading pages", 1000, 1000);
  EXPECT_NE(test.err.str().find("1,000/s"), std::string::npos) << test.err.str();
  view.show("Writing the package", 0, 500);
  clock.advance(Milliseconds(1'000));
  view.show("Writing the package", 250, 500);
  EXPECT_TRUE(test.err.str().ends_with("250 of 500 (50 %), 250/s, 0:01 left\n")) << test.err.str();
}

TEST(ProgressView, SaysNothingWhereItIsQuiet) {
  TestConsole test;
  const Console console = test.console(true);
  ProgressView view(console, true);
  view.show("Processing content items", 1, 2);
  view.say("a remark");
  EXPECT_EQ(test.err.str(), "");
}

}  // namespace
}  // namespace waybill::cli
