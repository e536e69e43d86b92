#include "storage/sql/json_writer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace waybill::storage::sql {
namespace {

TEST(JsonWriter, NestsAndSeparates) {
  JsonWriter json;
  json.begin_object().name("a").text("x").name("b").begin_array();
  json.begin_array().end_array().begin_array().text("").text("y").number(-7).end_array().boolean(true);
  json.end_array().name("c").begin_object().end_object().name("d").boolean(false).end_object();
  EXPECT_EQ(json.take(), R"({"a":"x","b":[[],["","y",-7],true],"c":{},"d":false})");
}

TEST(JsonWriter, EscapesEachByteAsTheLibraryThatReadsItDoes) {
  for (int byte = 0; byte < 0x80 * 20; ++byte) {
    // At each place of a text that is longer than what is looked at in one go.
    std::string text = "some text, \u00e9\u2028";
    text.insert(text.begin() + byte / 0x80 % 12, static_cast<char>(byte % 0x80));
    JsonWriter json;
    const std::string written = json.text(text).take();
    EXPECT_EQ(written, boost::json::serialize(boost::json::value(text))) << byte;
    EXPECT_EQ(boost::json::parse(written).as_string(), text) << byte;
  }
}

}  // namespace
}  // namespace waybill::storage::sql
