#include "api/item_json.h"

#include <boost/json.hpp>

#include "api/knowledge_json.h"
#include "api/text_diff.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

json::array words_array(const std::vector<TextDiff::Word>& words) {
  json::array array;
  for (const auto& word : words) {
    json::object object{{"op", to_string(word.op)}};
    if (word.op == TextDiff::Op::skip) {
      object["count"] = word.count;
    } else {
      object["text"] = word.text;
    }
    array.push_back(std::move(object));
  }
  return array;
}

json::object line_object(const TextDiff::Line& line) {
  json::object object{{"op", to_string(line.op)}};
  if (line.before > 0) object["before"] = line.before;
  if (line.after > 0) object["after"] = line.after;
  if (line.op == TextDiff::Op::skip) {
    object["count"] = line.count;
  } else if (line.op == TextDiff::Op::replace) {
    object["words"] = words_array(line.words);
  } else {
    object["text"] = line.text;
  }
  return object;
}

json::array changed_members(const storage::Versions& versions) {
  const auto before = versions.before ? article_members(*versions.before) : json::object();
  const auto after = versions.after ? article_members(*versions.after) : json::object();
  json::array members;
  const auto add = [&](json::string_view name) {
    const auto* old_value = before.if_contains(name);
    const auto* new_value = after.if_contains(name);
    if (old_value != nullptr && new_value != nullptr && *old_value == *new_value) return;
    json::object member{{"name", name}};
    if (old_value != nullptr) member["before"] = *old_value;
    if (new_value != nullptr) member["after"] = *new_value;
    members.push_back(std::move(member));
  };
  for (const auto& each : before) add(each.key());
  for (const auto& each : after) {
    if (!before.contains(each.key())) add(each.key());
  }
  return members;
}

}  // namespace

json::object item_object(const storage::ItemRecord& item) {
  json::object object{{"number", item.number},
                      {"kind", report::to_string(item.kind)},
                      {"path", item.path},
                      {"outcome", knowledge::to_string(item.outcome)}};
  if (!item.language.empty()) object["language"] = item.language;
  if (item.id) object[item.kind == report::ItemKind::article ? "articleId" : "id"] = to_string(*item.id);
  return object;
}

json::object difference_object(const storage::Versions& versions) {
  const std::string before = versions.before ? versions.before->body : std::string();
  const std::string after = versions.after ? versions.after->body : std::string();
  const TextDiff diff = diff_texts(before, after);
  json::array lines;
  for (const auto& line : diff.lines) lines.push_back(line_object(line));
  return {{"members", changed_members(versions)},
          {"body",
           json::object{
               {"changed", before != after}, {"truncated", diff.truncated}, {"lines", std::move(lines)}}}};
}

}  // namespace waybill::api
