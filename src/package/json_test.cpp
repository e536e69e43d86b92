#include "package/json.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <random>

namespace waybill::package {
namespace {

using report::Rule;

constexpr int kDepth = 64;

JsonOutcome read(std::string text, Position start = {}) {
  JsonReader reader;
  return reader.read(std::move(text), start, kDepth);
}

/// "line:column message"
std::string defect_of(std::string text) {
  const auto outcome = read(std::move(text));
  if (outcome.document) return "accepted";
  return std::to_string(outcome.defect.position.line) + ":" + std::to_string(outcome.defect.position.column) +
         " " + outcome.defect.message;
}

TEST(JsonReader, BuildsTheTreeWithThePlaceOfEachNode) {
  const std::string text = "{\n  \"a\": [1, true, null],\n  \"\\u00e9\\n\": {\"x\": \"é\", \"y\": -1.5e2}\n}";
  const auto outcome = read(text);
  ASSERT_TRUE(outcome.document) << outcome.defect.message;
  const JsonValue& root = outcome.document->root();
  ASSERT_EQ(root.kind, JsonKind::object);
  ASSERT_EQ(root.members.size(), 2U);
  EXPECT_EQ(root.members[0].name, "a");
  EXPECT_EQ(root.members[0].offset, text.find("\"a\""));
  const auto elements = root.members[0].value.elements;
  ASSERT_EQ(elements.size(), 3U);
  EXPECT_EQ(elements[0].number, 1);
  EXPECT_EQ(elements[0].text, "1");
  EXPECT_EQ(elements[0].offset, text.find('1'));
  EXPECT_TRUE(elements[1].boolean);
  EXPECT_EQ(elements[2].kind, JsonKind::null);
  const JsonValue* inner = root.find("é\n");
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->find("x")->text, "é");
  EXPECT_EQ(inner->find("y")->number, -150);
  EXPECT_EQ(inner->find("y")->text, "-1.5e2");
  EXPECT_EQ(inner->find("z"), nullptr);
  EXPECT_EQ(elements[0].find("z"), nullptr);
  const Position place = outcome.document->position(inner->find("y")->offset);
  EXPECT_EQ(place.line, 3U);
  EXPECT_EQ(place.column, 31U);  // é counts as one
}

TEST(JsonReader, PositionsAreOfTheFileAndRightInAFileOfOneLongLine) {
  std::string text = "[";
  for (int i = 0; i < 5'000; ++i) text += "\"é\",";
  text += "7]";
  const auto outcome = read(text, {.offset = 1'000, .line = 3, .column = 11});
  ASSERT_TRUE(outcome.document);
  const auto elements = outcome.document->root().elements;
  const Position place = outcome.document->position(elements[4'000].offset);
  EXPECT_EQ(place.offset, 1'000U + 1 + 4'000 * 5);
  EXPECT_EQ(place.line, 3U);
  EXPECT_EQ(place.column, 11U + 1 + 4'000 * 4);
}

TEST(JsonReader, UnescapesStrings) {
  const auto outcome = read(R"(["\"\\\/\b\f\n\r\t", "\u0041\u00DF\u20ac\ud83d\uDE00", "a\u0000b", ""])");
  ASSERT_TRUE(outcome.document) << outcome.defect.message;
  const auto elements = outcome.document->root().elements;
  EXPECT_EQ(elements[0].text, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(elements[1].text, "Aß€😀");
  EXPECT_EQ(elements[2].text, std::string_view("a\0b", 3));
  EXPECT_EQ(elements[3].text, "");
}

TEST(JsonReader, KeepsNumbersAsWritten) {
  const auto outcome =
      read("[0, -0, 9007199254740992, 123456789012345678901234567890, 1E400, -1e400, 1e-400, 0.1]");
  ASSERT_TRUE(outcome.document) << outcome.defect.message;
  const auto elements = outcome.document->root().elements;
  EXPECT_EQ(elements[2].number, 9007199254740992.0);
  EXPECT_EQ(elements[3].text, "123456789012345678901234567890");
  EXPECT_EQ(elements[4].number, HUGE_VAL);
  EXPECT_EQ(elements[5].number, -HUGE_VAL);
  EXPECT_EQ(elements[6].number, 0);
  EXPECT_EQ(elements[7].number, 0.1);
}

TEST(JsonReader, AcceptsEveryKindAtTheTopAndAMarkOnlyAtTheFilesStart) {
  for (const char* text : {"1", " null ", "\"x\"", "[]", "{}", "\xEF\xBB\xBF{}", "\t\r\n true\n"}) {
    EXPECT_EQ(defect_of(text), "accepted") << text;
  }
  EXPECT_FALSE(read("\xEF\xBB\xBF{}", {.offset = 5, .line = 1, .column = 6}).document);
  EXPECT_FALSE(read("{\xEF\xBB\xBF}").document);
}

TEST(JsonReader, SaysWhatWasExpectedAndWhatWasFoundWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "1:1 expected a value, found the end of the text"},
      {"{\"name\": 1\n \"b\": 2}", "2:2 expected ',' or '}' after the value of \"name\", found '\"'"},
      {"[1 2]", "1:4 expected ',' or ']' after element 0 of the array, found '2'"},
      {"{\"a\" 1}", "1:6 expected ':' after \"a\", found '1'"},
      {"{\"a\": }", "1:7 expected a value for \"a\", found '}'"},
      {"[1,\n]", "1:3 a comma before ']': JSON has no trailing commas"},
      {"{\"a\":1,}", "1:7 a comma before '}': JSON has no trailing commas"},
      {"[,1]", "1:2 expected a value or ']' after '[', found ','"},
      {"{a: 1}", "1:2 expected a member's name in double quotes, found 'a'"},
      {"{'a': 1}",
       "1:2 expected a member's name in double quotes, found a single quote (JSON strings stand in double "
       "quotes)"},
      {"[1, // x\n2]", "1:5 expected a value, found a comment (JSON has none)"},
      {"[NaN]", "1:2 expected a value, found NaN (JSON has no such number)"},
      {"[-Infinity]", "1:2 expected a value, found -Infinity (JSON has no such number)"},
      {"[True]", "1:2 expected a value, found True (JSON writes it in lower case)"},
      {"[nul]", "1:2 expected a value, found 'nul'"},
      {"{} x", "1:4 expected nothing more after an object, found 'x'"},
      {"[01]", "1:2 a number does not begin with 0 (JSON has no octal numbers): '01'"},
      {"[1.]", "1:4 expected a digit after the decimal point of '1.', found ']'"},
      {"[1e+]", "1:5 expected a digit in the exponent of '1e+', found ']'"},
      {"[+1]", "1:2 expected a value, found '+'"},
      {"[.5]", "1:2 expected a value, found '.'"},
      {"[0x1F]", "1:3 expected the end of the number '0', found 'x1F'"},
      {"[\"a\nb\"]", "1:4 a line break (write it \\n) inside the string that begins at line 1, column 2"},
      {"[\"\\x\"]",
       "1:3 expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX in a string, found '\\' before 'x' (a "
       "backslash "
       "itself is written \\\\)"},
      {"[\"\\u12g4\"]", "1:3 expected four hexadecimal digits after \\u"},
      {"[\"\\ud800\"]", "1:3 \\ud800 is half of a surrogate pair: the other half is missing"},
      {"[\"\\udc00\\ud800\"]", "1:3 \\udc00 is half of a surrogate pair: the other half is missing"},
      {"[\n\"ab",
       "2:4 expected '\"' at the end of the string that begins at line 2, column 1, found the end of the "
       "text"},
      {"[[1]", "1:5 expected ',' or ']' after element 0 of the array, found the end of the text"},
      {"{\"é\":1 é}", "1:8 expected ',' or '}' after the value of \"é\", found 'é'"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(defect_of(text), expected) << text;
}

TEST(JsonReader, NamesBothPlacesOfAMemberThatStandsTwice) {
  const auto small = read("{\"a\": 1,\n \"{first}\": 2, \"\\u007bfirst}\": 3}");
  EXPECT_EQ(small.defect.rule, Rule::json_duplicate_member);
  EXPECT_EQ(small.defect.position.line, 2U);
  EXPECT_EQ(small.defect.position.column, 16U);
  EXPECT_EQ(small.defect.message,
            "the member \"{first}\" stands twice in one object, first at line 2, column 2");

  std::string many = "{";
  for (int i = 0; i < 50'000; ++i) many += "\"m" + std::to_string(i) + "\":" + std::to_string(i) + ",\n";
  EXPECT_EQ(defect_of(many + "\"last\":0}"), "accepted");
  EXPECT_EQ(defect_of(many + "\"m7\":0, \"m9\":0}"),
            "50001:1 the member \"m7\" stands twice in one object, first at line 8, column 1");
  EXPECT_EQ(defect_of("[{\"a\":1},{\"a\":{\"a\":2}}]"), "accepted");
}

TEST(JsonReader, BoundsDepthAndTheNumberOfValues) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_EQ(defect_of(nested(kDepth)), "accepted");
  const auto deep = read(nested(kDepth + 1));
  EXPECT_EQ(deep.defect.rule, Rule::json_depth);
  EXPECT_EQ(deep.defect.position.column, 65U);
  EXPECT_EQ(read(std::string(1'000'000, '[')).defect.rule, Rule::json_depth);

  JsonReader reader;
  EXPECT_TRUE(reader.read("[1,2,{}]", {}, kDepth, 4).document);
  EXPECT_EQ(reader.read("[1,2,{}]", {}, kDepth, 3).defect.rule, Rule::json_size);
}

TEST(JsonReader, RefusesWhatIsNotUtf8) {
  const auto outcome = read("{\"a\":\n \"é\xFF\"}");
  EXPECT_EQ(outcome.defect.rule, Rule::json_encoding);
  EXPECT_EQ(outcome.defect.position.line, 2U);
  EXPECT_EQ(outcome.defect.position.column, 4U);
  EXPECT_EQ(outcome.defect.message, "expected UTF-8, found the byte 0xff");
}

TEST(JsonReader, GoesOnAfterADefect) {
  JsonReader reader;
  EXPECT_FALSE(reader.read("{\"a\":[{\"b\":[1,", {}, kDepth).document);
  const auto first = reader.read("{\"a\":[1]}", {}, kDepth);
  const auto second = reader.read("[2]", {}, kDepth);
  ASSERT_TRUE(first.document && second.document);
  EXPECT_EQ(first.document->root().find("a")->elements[0].number, 1);
  EXPECT_EQ(second.document->root().elements[0].number, 2);
}

/// What simdjson, an independent implementation, says of the same text.
bool simdjson_accepts(const std::string& text) {
  simdjson::dom::parser parser;
  return parser.parse(text).error() == simdjson::SUCCESS;
}

TEST(JsonReader, AgreesWithAnotherParserOnThousandsOfMutatedDocuments) {
  const std::vector<std::string> seeds = {
      R"({"name":"A \"quoted\" é","folder":{"path":"P/C"},"tags":["x",{"category":"c","name":"n"}],"n":[0,-1,2.5e3]})",
      R"([true,false,null,"\ud83d\ude00\u0041\\",{},[],[[]],{"a":{}}])", "  \"text\\n\" ", "-0.25E-2",
      "[1 , 2\n,\t3 ]"};
  const std::string alphabet = "{}[]:,\"\\ \n\t0123456789.eE+-truefalsn/u'd8\x01\x7f";
  std::mt19937 random(20240301);
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  std::size_t accepted = 0;
  constexpr int kRounds = 30'000;
  for (int round = 0; round < kRounds; ++round) {
    std::string text = seeds[below(seeds.size())];
    for (std::size_t edits = 1 + below(3); edits > 0 && !text.empty(); --edits) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.erase(at, 1 + below(3));
          break;
        case 1:
          text.insert(at, 1, alphabet[below(alphabet.size())]);
          break;
        case 2:
          text[at] = alphabet[below(alphabet.size())];
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(8)));
      }
    }
    const auto outcome = read(text);
    // Names that stand twice are JSON, and numbers beyond a double are fine here.
    if (outcome.defect.rule == Rule::json_duplicate_member) continue;
    const bool ours = outcome.document.has_value();
    if (ours && text.find_first_of("eE") != std::string::npos && !simdjson_accepts(text)) {
      simdjson::dom::parser parser;
      ASSERT_EQ(parser.parse(text).error(), simdjson::NUMBER_ERROR) << text;
      continue;
    }
    ASSERT_EQ(ours, simdjson_accepts(text)) << text << "\n" << outcome.defect.message;
    accepted += ours ? 1U : 0U;
  }
  EXPECT_GT(accepted, 1'000U);
}

}  // namespace
}  // namespace waybill::package
