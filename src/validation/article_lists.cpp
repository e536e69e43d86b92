#include "validation/article_lists.h"

#include "validation/values.h"

namespace waybill::validation {

using knowledge::Article;
using package::JsonKind;
using package::JsonValue;
using report::Rule;

namespace {

constexpr auto kAttributeMembers = std::to_array<Member>(
    {{"name", JsonKind::string}, {"type", JsonKind::string}, {"value", JsonKind::array}});
constexpr auto kAttachmentMembers =
    std::to_array<Member>({{"name", JsonKind::string}, {"path", JsonKind::string}});
constexpr auto kTagMembers =
    std::to_array<Member>({{"category", JsonKind::string}, {"name", JsonKind::string}});
constexpr Shape kAttribute = article_shape("a custom attribute", kAttributeMembers);
constexpr Shape kAttachment = article_shape("an attachment", kAttachmentMembers);
constexpr Shape kTag = article_shape("a tag", kTagMembers);

/// One finding where a list has more elements than it may have.
void check_count(Reporter& reporter, const Trail& trail, std::string_view name, const JsonValue& list,
                 std::size_t most, Rule rule) {
  if (list.elements.size() <= most) return;
  reporter.report(rule, trail.member(name), list,
                  quoted(name) + " has " + std::to_string(list.elements.size()) + " elements, at most " +
                      std::to_string(most) + " are allowed.");
}

void read_attribute(Reporter& reporter, const JsonValue& value, const Trail& at, Article& article) {
  if (!check_shape(reporter, value, at, kAttribute)) return;
  knowledge::CustomAttribute attribute;
  require(reporter, value, at, "name", Rule::article_attribute);
  require(reporter, value, at, "value", Rule::article_attribute);
  if (const JsonValue* name = member_of(value, "name", JsonKind::string)) {
    check_length(reporter, *name, at.member("name"), "The attribute's name",
                 {Rule::article_attribute, 1, Limits::kAttributeName});
    attribute.name = name->text;
  }
  if (const JsonValue* type = member_of(value, "type", JsonKind::string)) attribute.type = type->text;
  if (const JsonValue* values = member_of(value, "value", JsonKind::array)) {
    const Trail values_at = at.member("value");
    for (std::size_t i = 0; i < values->elements.size(); ++i) {
      const JsonValue& one = values->elements[i];
      const Trail one_at = values_at.element(i);
      if (!check_kind(reporter, one, one_at, "A value of the attribute", JsonKind::string,
                      Rule::article_structure)) {
        continue;
      }
      check_length(reporter, one, one_at, "A value of the attribute",
                   {Rule::article_attribute, 0, Limits::kAttributeValue});
      attribute.values.emplace_back(one.text);
    }
  }
  article.attributes.push_back(std::move(attribute));
}

void read_attachment(Reporter& reporter, const JsonValue& value, const Trail& at,
                     std::vector<AttachmentPlace>& attachments) {
  if (!check_shape(reporter, value, at, kAttachment)) return;
  require(reporter, value, at, "name", Rule::attachment_invalid);
  require(reporter, value, at, "path", Rule::attachment_invalid);
  const JsonValue* name = member_of(value, "name", JsonKind::string);
  if (name != nullptr) {
    check_length(reporter, *name, at.member("name"), "The attachment's name",
                 {Rule::attachment_invalid, 1, 0});
  }
  const JsonValue* path = member_of(value, "path", JsonKind::string);
  if (path == nullptr) return;
  const Trail path_at = at.member("path");
  if (auto problem = attachment_path_problem(path->text)) {
    reporter.report(Rule::attachment_invalid, path_at, *path, std::move(problem->message),
                    std::move(problem->advice));
  } else {
    attachments.push_back({name == nullptr ? std::string() : std::string(name->text),
                           without_dots(path->text), reporter.locate(path_at, path->offset)});
  }
}

void read_tag(Reporter& reporter, const JsonValue& value, const Trail& at, Article& article) {
  constexpr TextRule kTagName{Rule::article_tags, 1, 0};
  if (value.kind == JsonKind::string) {
    if (check_length(reporter, value, at, "The tag", kTagName))
      article.tags.push_back({{}, std::string(value.text)});
    return;
  }
  if (value.kind != JsonKind::object) {
    reporter.report(Rule::article_tags, at, value,
                    "Expected a tag as a string or an object, found " + found(value) + ".");
    return;
  }
  check_shape(reporter, value, at, kTag);
  require(reporter, value, at, "name", Rule::article_tags);
  const JsonValue* name = member_of(value, "name", JsonKind::string);
  const JsonValue* category = member_of(value, "category", JsonKind::string);
  if (name == nullptr) return;
  if (!check_length(reporter, *name, at.member("name"), "The tag's name", kTagName)) return;
  article.tags.push_back(
      {category == nullptr ? std::string() : std::string(category->text), std::string(name->text)});
}

}  // namespace

void read_attributes(Reporter& reporter, const JsonValue& root, const Trail& trail, Article& article) {
  const JsonValue* list = member_of(root, "customAttributes", JsonKind::array);
  if (list == nullptr) return;
  check_count(reporter, trail, "customAttributes", *list, Limits::kAttributes, Rule::article_attribute);
  const Trail list_at = trail.member("customAttributes");
  for (std::size_t i = 0; i < list->elements.size(); ++i) {
    read_attribute(reporter, list->elements[i], list_at.element(i), article);
  }
}

void read_attachments(Reporter& reporter, const JsonValue& root, const Trail& trail,
                      std::vector<AttachmentPlace>& attachments) {
  const JsonValue* list = member_of(root, "attachments", JsonKind::array);
  if (list == nullptr) return;
  check_count(reporter, trail, "attachments", *list, Limits::kAttachments, Rule::attachment_invalid);
  const Trail list_at = trail.member("attachments");
  for (std::size_t i = 0; i < list->elements.size(); ++i) {
    read_attachment(reporter, list->elements[i], list_at.element(i), attachments);
  }
}

void read_tags(Reporter& reporter, const JsonValue& root, const Trail& trail, Article& article) {
  const JsonValue* list = member_of(root, "tags", JsonKind::array);
  if (list == nullptr) return;
  const Trail list_at = trail.member("tags");
  for (std::size_t i = 0; i < list->elements.size(); ++i) {
    read_tag(reporter, list->elements[i], list_at.element(i), article);
  }
}

}  // namespace waybill::validation
