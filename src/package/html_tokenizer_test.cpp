#include "package/html_tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/files.h"
#include "package/json.h"

namespace waybill::package {
namespace {

/// "StartTag name {attribute=value,} /", one token a line, neighbouring text put together.
class Writer final : public HtmlSink {
 public:
  HtmlContentModel start_tag(const HtmlTag& tag) override {
    std::map<std::string, std::string> attributes;
    for (const auto& attribute : tag.attributes) attributes.emplace(attribute.name, attribute.value);
    EXPECT_EQ(attributes.size(), tag.attributes.size());
    line("StartTag " + std::string(tag.name) + write(attributes) + (tag.self_closing ? " /" : ""));
    return HtmlContentModel::data;
  }
  void end_tag(const HtmlTag& tag) override { line("EndTag " + std::string(tag.name)); }
  void characters(std::string_view text) override {
    if (!in_text_) out_ += "\nCharacter ";
    in_text_ = true;
    out_ += text;
  }
  void comment(std::string_view text) override { line("Comment " + std::string(text)); }
  void doctype(const HtmlDoctype& doctype) override {
    line("DOCTYPE " + (doctype.has_name ? doctype.name : "(null)") + " " +
         doctype.public_id.value_or("(null)") + " " + doctype.system_id.value_or("(null)") +
         (doctype.force_quirks ? " quirks" : ""));
  }

  static std::string write(const std::map<std::string, std::string>& attributes) {
    std::string out = " {";
    for (const auto& [name, value] : attributes) out.append(name).append("=").append(value).append(",");
    return out + "}";
  }
  void line(const std::string& text) {
    out_ += "\n" + text;
    in_text_ = false;
  }
  std::string out_;
  bool in_text_ = false;
};

std::string encode(std::uint32_t code) {  // lone surrogates too: the vectors have them
  std::string out;
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

/// The \uXXXX of doubly escaped vectors.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) != "\\u") {
      out += text[i];
      continue;
    }
    const auto unit = [&](std::size_t at) {
      return static_cast<std::uint32_t>(std::stoul(std::string(text.substr(at + 2, 4)), nullptr, 16));
    };
    std::uint32_t code = unit(i);
    i += 5;
    if (code >= 0xD800 && code < 0xDC00 && text.substr(i + 1, 2) == "\\u" && unit(i + 1) >= 0xDC00 &&
        unit(i + 1) < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (unit(i + 1) - 0xDC00);
      i += 6;
    }
    out += encode(code);
  }
  return out;
}

std::string expected_tokens(const JsonValue& output, bool escaped) {
  Writer writer;
  const auto text = [&](const JsonValue& value) {
    if (value.kind == JsonKind::null) return std::string("(null)");
    return escaped ? unescape(value.text) : std::string(value.text);
  };
  for (const JsonValue& token : output.elements) {
    const auto& parts = token.elements;
    const std::string kind(parts[0].text);
    if (kind == "Character") {
      writer.characters(text(parts[1]));
    } else if (kind == "StartTag") {
      std::map<std::string, std::string> attributes;
      for (const JsonMember& member : parts[2].members) {
        attributes[escaped ? unescape(member.name) : std::string(member.name)] = text(member.value);
      }
      writer.line("StartTag " + text(parts[1]) + Writer::write(attributes) +
                  (parts.size() > 3 && parts[3].boolean ? " /" : ""));
    } else if (kind == "DOCTYPE") {
      writer.line("DOCTYPE " + text(parts[1]) + " " + text(parts[2]) + " " + text(parts[3]) +
                  (parts[4].boolean ? "" : " quirks"));
    } else {
      writer.line(kind + " " + text(parts[1]));
    }
  }
  return writer.out_;
}

std::string tokens(std::string_view html, HtmlContentModel model = HtmlContentModel::data,
                   std::string_view last_start_tag = {}) {
  Writer writer;
  HtmlTokenizer tokenizer;
  tokenizer.run(html, writer, model, last_start_tag);
  return writer.out_;
}

const std::map<std::string_view, HtmlContentModel> kStates = {
    {"Data state", HtmlContentModel::data},           {"RCDATA state", HtmlContentModel::rcdata},
    {"RAWTEXT state", HtmlContentModel::rawtext},     {"Script data state", HtmlContentModel::script},
    {"PLAINTEXT state", HtmlContentModel::plaintext}, {"CDATA section state", HtmlContentModel::cdata}};

/// Runs a vector in each of its initial states; how many those were.
std::size_t run_vector(const JsonValue& vector, const std::string& file) {
  const JsonValue* const flag = vector.find("doubleEscaped");
  const bool escaped = flag != nullptr && flag->boolean;
  const std::string raw(vector.find("input")->text);
  const std::string input = escaped ? unescape(raw) : raw;
  const std::string expected = expected_tokens(*vector.find("output"), escaped);
  const JsonValue* const last = vector.find("lastStartTag");
  std::vector<std::string_view> states = {"Data state"};
  if (const JsonValue* initial = vector.find("initialStates")) {
    states.clear();
    for (const JsonValue& state : initial->elements) states.push_back(state.text);
  }
  for (const auto state : states) {
    EXPECT_EQ(tokens(input, kStates.at(state), last != nullptr ? last->text : std::string_view()), expected)
        << file << ": " << vector.find("description")->text << " (" << state << "): " << raw;
  }
  return states.size();
}

TEST(HtmlTokenizer, PassesThePublicVectors) {
  const char* const set = std::getenv("WAYBILL_TEST_DATA");
  const std::filesystem::path folder =
      (set != nullptr ? std::filesystem::path(set) : std::filesystem::path(WAYBILL_SHARED_DATA)) /
      "html5lib-tokenizer";
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "the html5lib tokenizer vectors are not at " << folder << "; set WAYBILL_TEST_DATA";
  }
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".test") continue;
    auto text = read_file(entry.path(), 64 << 20);
    ASSERT_TRUE(text.ok()) << text.error().message;
    JsonReader reader;
    const auto outcome = reader.read(std::move(*text), {}, 64);
    ASSERT_TRUE(outcome.document) << entry.path() << ": " << outcome.defect.message;
    // The other list of that collection, xmlViolationTests, is about turning tokens into XML.
    const JsonValue* const vectors = outcome.document->root().find("tests");
    if (vectors == nullptr) continue;
    for (const JsonValue& vector : vectors->elements) count += run_vector(vector, entry.path().filename());
  }
  RecordProperty("vectors", static_cast<int>(count));
  std::cout << count << " vectors of the html5lib tokenizer tests\n";
  EXPECT_GT(count, 6'000U);
}

TEST(HtmlTokenizer, MakesOneLineEndOfEachAndReplacesNul) {
  using namespace std::string_literals;
  EXPECT_EQ(tokens("a\r\nb\rc\n\0"s), "\nCharacter a\nb\nc\n\0"s);
  EXPECT_EQ(tokens("<a\0 b='\0\r\n'><!--\0\r-->"s), "\nStartTag a\uFFFD {b=\uFFFD\n,}\nComment \uFFFD\n");
  EXPECT_EQ(tokens("\0\r"s, HtmlContentModel::script), "\nCharacter \uFFFD\n");
}

TEST(HtmlTokenizer, GivesTheRangeOfAValueAsItIsWritten) {
  struct Ranges final : HtmlSink {
    HtmlContentModel start_tag(const HtmlTag& tag) override {
      for (const auto& a : tag.attributes) {
        out.append(a.name).append("=").append(html.substr(a.raw_begin, a.raw_end - a.raw_begin)).append(";");
      }
      return HtmlContentModel::data;
    }
    void end_tag(const HtmlTag&) override {}
    void characters(std::string_view) override {}
    std::string_view html;
    std::string out;
  } sink;
  sink.html = "<a one=1&amp;2 two = '&lt; ' THREE=\"\" four five=><b six=6/>";
  HtmlTokenizer().run(sink.html, sink);
  EXPECT_EQ(sink.out, "one=1&amp;2;two=&lt; ;three=;four=;five=;six=6/;");
}

TEST(HtmlTokenizer, StaysLinearOnHostileInput) {
  struct Nothing final : HtmlSink {
    HtmlContentModel start_tag(const HtmlTag& tag) override {
      if (tag.name == "script") return HtmlContentModel::script;
      return tag.name == "title" ? HtmlContentModel::rcdata : HtmlContentModel::data;
    }
    void end_tag(const HtmlTag&) override {}
    void characters(std::string_view) override {}
  } sink;
  constexpr std::size_t kBytes = 1 << 20;
  const std::vector<std::pair<std::string, std::string>> cases = {{"", "<"},
                                                                  {"", "&"},
                                                                  {"", "&am"},
                                                                  {"", "&#"},
                                                                  {"", "&#1"},
                                                                  {"&#", "9"},
                                                                  {"", "</"},
                                                                  {"", "<!"},
                                                                  {"", "<!--"},
                                                                  {"<!--", "-"},
                                                                  {"<!--", "--!"},
                                                                  {"<!--", "<!--"},
                                                                  {"", "<a "},
                                                                  {"<a ", "b=1 "},
                                                                  {"<a ", "b&= "},
                                                                  {"<a b='", "&c"},
                                                                  {"", "<a b='"},
                                                                  {"<script>", "<!--"},
                                                                  {"<script>", "<!--<script>"},
                                                                  {"<script>", "</scrip"},
                                                                  {"<title>", "</titl"},
                                                                  {"<title>", "</title"},
                                                                  {"", "<title>"},
                                                                  {"", "<!doctype"},
                                                                  {"", "<![CDATA["},
                                                                  {"", "&ClockwiseContourIntegra"},
                                                                  {"\r", "x&"},
                                                                  {"", "&\r"}};
  for (const auto& [head, unit] : cases) {
    std::string html = head;
    while (html.size() < kBytes) html += unit;
    html += "\r";  // behind everything: no search for it may start again and again
    HtmlTokenizer tokenizer;
    tokenizer.run(html, sink);
    EXPECT_LE(tokenizer.steps(), 48 * html.size()) << head << unit;
  }
}

TEST(HtmlTokenizer, KeepsTheFirstOfAMillionAttributes) {
  std::string html = "<a";
  for (int i = 0; i < 300'000; ++i) html += " a" + std::to_string(i % 100'000) + "=" + std::to_string(i);
  struct Last final : HtmlSink {
    HtmlContentModel start_tag(const HtmlTag& tag) override {
      count = tag.attributes.size();
      last = tag.attributes.back().value;
      return HtmlContentModel::data;
    }
    void end_tag(const HtmlTag&) override {}
    void characters(std::string_view) override {}
    std::size_t count = 0;
    std::string last;
  } sink;
  HtmlTokenizer().run(html + ">", sink);
  EXPECT_EQ(sink.count, 100'000U);
  EXPECT_EQ(sink.last, "99999");
}

}  // namespace
}  // namespace waybill::package
