// One input for each rule that validation can report, with the finding's place and text; and a check that no
// rule is forgotten.

#include <functional>

#include "validation/test_support.h"

namespace waybill::validation {
namespace {

using namespace test;
using report::Rule;

struct Case {
  Rule rule;
  Findings (*run)(const std::string&);
  std::string input;  // "@@" before the place of the finding
  std::string pointer;
  std::string message;
};

Findings article_findings(const std::string& text) {
  return article_of(text).findings;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// A chain of `depth` folders or topics, the mark before the innermost.
std::string nested(const std::string& list, std::size_t depth) {
  std::string text = "{\"" + list + "\": [";
  for (std::size_t i = 1; i < depth; ++i) text += R"({"name": "n", ")" + list + "\": [";
  return text + R"(@@{"name": "n"})" + repeated("]}", depth);
}

std::string pointer_of_nested(const std::string& list, std::size_t depth) {
  return repeated("/" + list + "/0", depth);
}

std::string topics_under_one(std::size_t count) {
  std::string text = R"({"topics": [{"name": "t", "topics": @@[)";
  for (std::size_t i = 0; i < count; ++i)
    text += (i == 0 ? "" : ",") + (R"({"name": ")" + std::to_string(i) + "\"}");
  return text + "]}]}";
}

const std::vector<Case>& cases() {
  const auto manifest = &manifest_findings;
  const auto hub = &hub_findings;
  const auto article = &article_findings;
  static const std::vector<Case> all{
      {Rule::manifest_type, manifest, "{\n \"name\": @@[]}", "/name",
       "\"name\": expected a string, found an array."},
      {Rule::manifest_format_version, manifest, R"({"formatVersion": @@"2.0"})", "/formatVersion",
       "Expected the format version \"1.0\", found \"2.0\"."},
      {Rule::manifest_value, manifest, R"({"language": @@"en-UX"})", "/language",
       "The language \"en-UX\" is not known."},
      {Rule::manifest_unknown_member, manifest, R"({@@"nmae": "x"})", "/nmae",
       "\"nmae\" is not a member of the manifest; it is passed over."},

      {Rule::hub_structure, hub, R"({"knowledge": {"folders": @@{}}})", "/knowledge/folders",
       "\"folders\": expected an array, found an object."},
      {Rule::hub_unknown_member, hub, R"({"knowledge": {@@"topic": []}})", "/knowledge/topic",
       "\"topic\" is not a member of the knowledge hub; it is passed over."},
      {Rule::topic_children_limit, hub, topics_under_one(2501), "/topics/0/topics",
       "The topic \"t\" has 2501 topics directly below it, at most 2500 are allowed."},
      {Rule::folder_structure, hub, R"({"folders": [@@7]})", "/folders/0",
       "Expected a folder as an object, found a number (7)."},
      {Rule::folder_name, hub, R"({"folders": [{"name": @@"a/b"}]})", "/folders/0/name",
       "The folder's name \"a/b\" has a '/', which separates the names of a path."},
      {Rule::folder_description, hub,
       R"({"folders": [{"name": "a", "description": @@")" + repeated("ä", 1001) + "\"}]}",
       "/folders/0/description", "\"description\" has 1001 characters, at most 1000 are allowed."},
      {Rule::folder_depth, hub, nested("folders", 21), pointer_of_nested("folders", 21),
       "This is level 21, folders are nested at most 20 deep."},
      {Rule::folder_duplicate, hub, "{\"folders\": [{\"name\": \"a\"},\n @@{\"name\": \"a\"}]}", "/folders/1",
       "The folder \"a\" stands here for a second time; the first is in line 1."},
      {Rule::topic_structure, hub, R"({"topics": [{"name": "a", "addArticles": {"fromArticles": [@@{}]}}]})",
       "/topics/0/addArticles/fromArticles/0", "The member \"path\" is missing."},
      {Rule::topic_name, hub, R"({"topics": [@@{}]})", "/topics/0", "The member \"name\" is missing."},
      {Rule::topic_description, hub,
       R"({"topics": [{"name": "a", "description": @@")" + repeated("x", 256) + "\"}]}",
       "/topics/0/description", "\"description\" has 256 characters, at most 255 are allowed."},
      {Rule::topic_depth, hub, nested("topics", 21), pointer_of_nested("topics", 21),
       "This is level 21, topics are nested at most 20 deep."},
      {Rule::topic_duplicate, hub, "{\"topics\": [{\"name\": \"a\"},\n @@{\"name\": \"a\"}]}", "/topics/1",
       "The topic \"a\" stands here for a second time; the first is in line 1."},
      {Rule::portal_structure, hub, R"({"portals": [{"name": "p", "addTopics": @@[]}]})",
       "/portals/0/addTopics", "\"addTopics\": expected an object, found an array."},
      {Rule::portal_name, hub, R"({"portals": [{"name": @@""}]})", "/portals/0/name",
       "The portal's name is empty."},
      {Rule::portal_duplicate, hub, "{\"portals\": [{\"name\": \"a\"},\n @@{\"name\": \"a\"}]}", "/portals/1",
       "The portal \"a\" stands here for a second time; the first is in line 1."},

      {Rule::article_structure, article, with_members("\n\"tags\": @@\"x\""), "/articles/7/tags",
       "\"tags\": expected an array, found a string (\"x\")."},
      {Rule::article_unknown_member, article, with_members("@@\"a/b~c\": 1"), "/articles/7/a~1b~0c",
       "\"a/b~c\" is not a member of an article; it is passed over."},
      {Rule::article_name, article, "@@{\"folder\": {\"path\": \"F\"}, \"content\": \"a.html\"}",
       "/articles/7", "The member \"name\" is missing."},
      {Rule::article_folder, article, R"({"name": "N", "folder": {"path": @@"A//B"}, "content": "a.html"})",
       "/articles/7/folder/path", "The folder's path \"A//B\" has an empty name in it."},
      {Rule::article_content, article, R"({"name": "N", "folder": {"path": "F"}, "content": @@"../a.html"})",
       "/articles/7/content", "The path \"../a.html\" of the content has \"..\" in it."},
      {Rule::article_text_length, article,
       with_members("\"articleSummary\": @@\"" + repeated("€", 1025) + "\""), "/articles/7/articleSummary",
       "\"articleSummary\" has 1025 characters, at most 1024 are allowed."},
      {Rule::article_macro, article, with_members(R"("articleMacro": @@"äa+b")"), "/articles/7/articleMacro",
       "The macro \"äa+b\" has the character \"+\" at place 3, which a macro must not have."},
      {Rule::article_type, article, with_members(R"("articleType": {"typeName": @@""})"),
       "/articles/7/articleType/typeName", "The article type's name is empty."},
      {Rule::article_language, article, with_members(R"("languageCode": @@"xx-XX")"),
       "/articles/7/languageCode", "The language \"xx-XX\" is not known."},
      {Rule::article_language_old, article, with_members(R"("languageCode": @@"da-DA")"),
       "/articles/7/languageCode", "\"da-DA\" is an older spelling of \"da-DK\" and taken as that."},
      {Rule::article_date, article, with_members(R"("availabilityDate": @@"2023-02-30T10:00:00.000Z")"),
       "/articles/7/availabilityDate",
       "The date \"2023-02-30T10:00:00.000Z\" does not exist: there is no 30 February 2023."},
      {Rule::article_date_order, article,
       with_members(
           R"("availabilityDate": "2024-03-02T00:00:00Z", "expirationDate": @@"2024-03-01T00:00:00Z")"),
       "/articles/7/expirationDate",
       "The article expires at 2024-03-01T00:00:00.000Z, before it is available at "
       "2024-03-02T00:00:00.000Z."},
      {Rule::article_attribute, article, with_members(R"("customAttributes": [{"name": @@"", "value": []}])"),
       "/articles/7/customAttributes/0/name", "The attribute's name is empty."},
      {Rule::article_tags, article, with_members(R"("tags": ["a", @@3])"), "/articles/7/tags/1",
       "Expected a tag as a string or an object, found a number (3)."},
      {Rule::article_image_url, article, with_members(R"("imageURL": @@"ftp://h/x")"), "/articles/7/imageURL",
       "The image address \"ftp://h/x\" is not an http or https URL."},
      {Rule::attachment_invalid, article,
       with_members(R"("attachments": [{"name": "x", "path": @@"files/x"}])"),
       "/articles/7/attachments/0/path", "The path \"files/x\" of the attachment is not below resources/."},
  };
  return all;
}

TEST(Rules, EachIsReportedAtItsPlaceInWords) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(report::info(one.rule).code);
    const Marked input(one.input);
    const report::Finding finding = only(one.run(input.text), one.rule);
    EXPECT_EQ(finding.location.file, kFile);
    EXPECT_EQ(finding.location.pointer, one.pointer);
    EXPECT_EQ(finding.location.line, input.line);
    // Columns count code points; only the macro's and the texts' inputs hold others than ASCII, after the
    // mark.
    EXPECT_EQ(finding.location.column, input.column);
    EXPECT_EQ(finding.message, one.message);
    EXPECT_FALSE(finding.advice.empty());
  }
}

/// Asked of the package and the knowledge base: tested one by one in context_test, html_test and
/// manifest_test.
const std::set<Rule> kContextRules{
    Rule::package_item_limit,
    Rule::package_topic_limit,
    Rule::manifest_department,
    Rule::manifest_counts,
    Rule::topic_article_unknown,
    Rule::topic_folder_unknown,
    Rule::portal_topic_unknown,
    Rule::portal_folder_unknown,
    Rule::article_folder_unknown,
    Rule::article_content_missing,
    Rule::article_content_encoding,
    Rule::article_content_size,
    Rule::article_type_new,
    Rule::article_language_off,
    Rule::attachment_missing,
    Rule::attachment_size,
    Rule::reference_broken,
    Rule::reference_invalid,
    Rule::active_content,
    // passed on by defective_article
    Rule::json_syntax,
    Rule::json_encoding,
    Rule::json_depth,
    Rule::json_size,
    Rule::json_duplicate_member,
};

/// Reported by package/ (what the bytes are) and worker/ (what needs several items or the knowledge base).
const std::set<Rule> kOwnedByOthers{
    Rule::package_not_found,
    Rule::package_ambiguous,
    Rule::package_unreadable,
    Rule::package_changed,
    Rule::package_empty,
    Rule::entry_path_unsafe,
    Rule::entry_link,
    Rule::entry_encrypted,
    Rule::entry_method,
    Rule::entry_duplicate,
    Rule::entry_overlap,
    Rule::entry_name_encoding,
    Rule::entry_ratio_limit,
    Rule::package_size_limit,
    Rule::package_entry_limit,
    Rule::entry_corrupt,
    Rule::manifest_missing,
    Rule::articles_structure,
    Rule::article_macro_duplicate,
    Rule::article_duplicate,
    Rule::resources_unused,
    Rule::already_exists,
    Rule::undo_superseded,
    Rule::undo_in_use,
    Rule::item_failed,
};

TEST(Rules, NoneIsForgotten) {
  std::set<Rule> here;
  for (const Case& one : cases()) here.insert(one.rule);
  for (const report::RuleInfo& row : report::all_rules()) {
    const auto places = static_cast<int>(here.contains(row.rule)) +
                        static_cast<int>(kContextRules.contains(row.rule)) +
                        static_cast<int>(kOwnedByOthers.contains(row.rule));
    EXPECT_EQ(places, 1) << row.code
                         << ": expected in exactly one of the cases here, kContextRules and kOwnedByOthers";
  }
}

}  // namespace
}  // namespace waybill::validation
