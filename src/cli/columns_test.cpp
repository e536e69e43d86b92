#include "cli/columns.h"

#include <gtest/gtest.h>

namespace waybill::cli {

namespace {

TEST(ColumnsTest, CountsWhatATerminalTakes) {
  EXPECT_EQ(columns_of("handbook.zip"), 12U);
  EXPECT_EQ(columns_of("übung"), 5U);
  EXPECT_EQ(columns_of("u\u0308bung"), 5U) << "a combining letter takes none";
  EXPECT_EQ(columns_of("日本語"), 6U);
  EXPECT_EQ(columns_of("\xff\xfe"), 2U) << "what is no UTF-8";
}

TEST(ColumnsTest, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(cut_to_columns("handbook", 8), "handbook");
  EXPECT_EQ(cut_to_columns("handbook", 7), "handbo…");
  EXPECT_EQ(cut_to_columns("日本語", 5), "日本…");
  EXPECT_EQ(cut_to_columns("日本語", 4), "日…") << "half a character is none";
  EXPECT_EQ(cut_to_columns("handbook", 0), "");
  EXPECT_EQ(padded_to_columns("日本", 6), "日本  ");
  EXPECT_EQ(columns_of(padded_to_columns("日本語", 4)), 4U);
}

TEST(ColumnsTest, NothingThatSteersATerminalComesThrough) {
  EXPECT_EQ(cut_to_columns("a\x1b[31mb\nc\u009b", 20), "a[31mbc");
}

}  // namespace

}  // namespace waybill::cli
