#include "validation/members.h"

#include <algorithm>

#include "base/text.h"

namespace waybill::validation {

using package::JsonKind;
using package::JsonMember;
using package::JsonValue;
using report::Rule;

std::string Trail::pointer() const {
  std::string out;
  append_to(out);
  return out;
}

void Trail::append_to(std::string& out) const {
  if (parent_ == nullptr) {
    out += text_;
    return;
  }
  parent_->append_to(out);
  out += '/';
  if (index_ != kMember) {
    out += std::to_string(index_);
    return;
  }
  for (const char c : text_) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
}

report::Location Reporter::locate(const Trail& trail, std::uint32_t offset) const {
  const package::Position position = document_.position(offset);
  return {std::string(file_), trail.pointer(), position.line, position.column};
}

void Reporter::report(Rule rule, const Trail& trail, std::uint32_t offset, std::string message,
                      std::string advice) {
  const report::RuleInfo& row = report::info(rule);
  failed_ = failed_ || row.severity == report::Severity::error;
  std::uint16_t& made = made_[static_cast<std::size_t>(rule)];
  if (made > kMostOfOneRule) return;
  if (++made > kMostOfOneRule) {
    message =
        "There are more places like these here; the first " + std::to_string(kMostOfOneRule) + " are listed.";
    advice.clear();
  }
  if (advice.empty()) advice = row.remedy;
  findings_.push_back({rule, kind_, item_, locate(trail, offset), std::move(message), std::move(advice)});
}

namespace {

const Member* find_member(const Shape& shape, std::string_view name) {
  const auto at = std::find_if(shape.members.begin(), shape.members.end(),
                               [&](const Member& m) { return m.name == name; });
  return at == shape.members.end() ? nullptr : &*at;
}

void report_unknown(Reporter& reporter, const JsonMember& member, const Trail& trail, const Shape& shape) {
  std::vector<std::string_view> names;
  names.reserve(shape.members.size());
  for (const Member& known : shape.members) names.push_back(known.name);
  reporter.report(
      shape.unknown_rule, trail.member(member.name), member.offset,
      quoted(member.name) + " is not a member of " + std::string(shape.what) + "; it is passed over.",
      did_you_mean(member.name, names));
}

}  // namespace

bool check_shape(Reporter& reporter, const JsonValue& value, const Trail& trail, const Shape& shape) {
  if (value.kind != JsonKind::object) {
    reporter.report(shape.type_rule, trail, value,
                    "Expected " + std::string(shape.what) + " as an object, found " + found(value) + ".");
    return false;
  }
  for (const JsonMember& member : value.members) {
    if (const Member* known = find_member(shape, member.name)) {
      check_kind(reporter, member.value, trail.member(member.name), quoted(member.name), known->kind,
                 shape.type_rule);
    } else {
      report_unknown(reporter, member, trail, shape);
    }
  }
  return true;
}

bool check_kind(Reporter& reporter, const JsonValue& value, const Trail& trail, std::string_view name,
                JsonKind kind, Rule rule) {
  if (value.kind == kind) return true;
  std::string advice;
  if (value.kind == JsonKind::null) {
    advice = "Leave out what does not apply: null is not used.";
  } else if (kind == JsonKind::string && value.kind == JsonKind::number) {
    advice = "Write it in quotes: \"" + truncate_utf8(value.text, 60) + "\".";
  } else if (kind == JsonKind::array) {
    advice = "Put it in square brackets, also where there is only one.";
  }
  reporter.report(rule, trail, value,
                  std::string(name) + ": expected " + std::string(package::to_string(kind)) + ", found " +
                      found(value) + ".",
                  std::move(advice));
  return false;
}

const JsonValue* member_of(const JsonValue& object, std::string_view name, JsonKind kind) {
  const JsonValue* value = object.find(name);
  return value != nullptr && value->kind == kind ? value : nullptr;
}

bool require(Reporter& reporter, const JsonValue& object, const Trail& trail, std::string_view name,
             Rule rule) {
  if (object.find(name) != nullptr) return true;
  reporter.report(rule, trail, object, "The member " + quoted(name) + " is missing.");
  return false;
}

bool check_length(Reporter& reporter, const JsonValue& value, const Trail& trail, std::string_view name,
                  const TextRule& rule) {
  if (rule.least > 0 && value.text.empty()) {
    reporter.report(rule.rule, trail, value, std::string(name) + " is empty.");
    return false;
  }
  // There are never more code points than bytes.
  if (rule.most == 0 || value.text.size() <= rule.most) return true;
  const std::size_t length = utf8_length(value.text);
  if (length <= rule.most) return true;
  reporter.report(rule.rule, trail, value,
                  std::string(name) + " has " + std::to_string(length) + " characters, at most " +
                      std::to_string(rule.most) + " are allowed.",
                  "Shorten it by " + std::to_string(length - rule.most) + ".");
  return false;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShownBytes = 120;
  return '"' + escape_controls(truncate_utf8(text, kShownBytes)) + '"';
}

std::string found(const JsonValue& value) {
  std::string kind(package::to_string(value.kind));
  switch (value.kind) {
    case JsonKind::string:
      return kind + " (" + quoted(value.text) + ")";
    case JsonKind::number:
      return kind + " (" + truncate_utf8(value.text, 60) + ")";
    case JsonKind::boolean:
      return kind + (value.boolean ? " (true)" : " (false)");
    case JsonKind::null:
    case JsonKind::array:
    case JsonKind::object:
      return kind;
  }
  return kind;
}

std::string did_you_mean(std::string_view written, const std::vector<std::string_view>& candidates) {
  const auto meant = nearest(written, candidates);
  return meant ? did_you_mean(*meant) : std::string();
}

std::string did_you_mean(std::string_view meant) {
  return "Did you mean " + quoted(meant) + "?";
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace waybill::validation
