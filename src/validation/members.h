#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "package/json.h"
#include "report/finding.h"
#include "validation/checks.h"

// Inside validation/ alone: an object's members against a table, and findings with their place in the file.

namespace waybill::validation {

/// Where a node stands, as a chain of steps on the stack: nothing is allocated until a finding needs the JSON
/// pointer. A step refers to its parent, which must outlive it.
class Trail {
 public:
  /// The start: the JSON pointer of a document's root in its file.
  explicit Trail(std::string_view pointer) : text_(pointer) {}
  Trail member(std::string_view name) const { return {this, name, kMember}; }
  Trail element(std::size_t index) const { return {this, {}, index}; }
  /// RFC 6901, with '~' and '/' escaped.
  std::string pointer() const;

 private:
  static constexpr std::size_t kMember = ~std::size_t{0};
  Trail(const Trail* parent, std::string_view text, std::size_t index)
      : parent_(parent), text_(text), index_(index) {}
  void append_to(std::string& out) const;

  const Trail* parent_ = nullptr;
  std::string_view text_;
  std::size_t index_ = kMember;
};

/// Makes the findings of one item (or of a file as a whole) in one document.
class Reporter {
 public:
  /// More findings of one rule against one item tell nobody anything, and a hostile package could fill the
  /// memory with them: after these there is one last that says so.
  static constexpr std::uint16_t kMostOfOneRule = 100;

  /// All of the arguments must outlive it. `item` is the item's path, empty for the package.
  Reporter(const package::JsonDocument& document, std::string_view file, report::ItemKind kind,
           std::string item, Findings& findings)
      : document_(document), file_(file), kind_(kind), item_(std::move(item)), findings_(findings) {}

  /// `advice` empty: the rule's general remedy stands in.
  void report(report::Rule rule, const Trail& trail, std::uint32_t offset, std::string message,
              std::string advice = {});
  void report(report::Rule rule, const Trail& trail, const package::JsonValue& value, std::string message,
              std::string advice = {}) {
    report(rule, trail, value.offset, std::move(message), std::move(advice));
  }
  report::Location locate(const Trail& trail, std::uint32_t offset) const;
  /// True once a finding of severity error was made.
  bool failed() const { return failed_; }
  const std::string& item() const { return item_; }

 private:
  const package::JsonDocument& document_;
  std::string_view file_;
  report::ItemKind kind_;
  std::string item_;
  Findings& findings_;
  bool failed_ = false;
  std::array<std::uint16_t, 256> made_{};  // by rule
};

/// A member that an object may have.
struct Member {
  std::string_view name;
  package::JsonKind kind;
};

/// What an object may hold, and which rules say so.
struct Shape {
  std::string_view what;  // "an article", for messages
  report::Rule type_rule;
  report::Rule unknown_rule;
  std::span<const Member> members;
};

/// Reports members of a wrong type and those that are not known; true where `value` is an object at all
/// (otherwise that is reported).
bool check_shape(Reporter& reporter, const package::JsonValue& value, const Trail& trail, const Shape& shape);

/// Reports `value` where it is not of that kind; true where it is. `name` is what messages call it: a member
/// in quotes, or "the element".
bool check_kind(Reporter& reporter, const package::JsonValue& value, const Trail& trail,
                std::string_view name, package::JsonKind kind, report::Rule rule);

/// The member where it is there and of that kind; null otherwise, without a finding: check_shape made it.
const package::JsonValue* member_of(const package::JsonValue& object, std::string_view name,
                                    package::JsonKind kind);

/// Reports a member that must be there and is not. True where it is there, of whatever kind.
bool require(Reporter& reporter, const package::JsonValue& object, const Trail& trail, std::string_view name,
             report::Rule rule);

/// A text's bounds in code points; `rule` is reported where it does not keep them.
struct TextRule {
  report::Rule rule;
  std::size_t least = 0;
  std::size_t most = 0;  // 0: no bound
};
/// True where `value` (a string) keeps the bounds.
bool check_length(Reporter& reporter, const package::JsonValue& value, const Trail& trail,
                  std::string_view name, const TextRule& rule);

/// In quotes, printable, shortened: what a message shows of a text that a package holds.
std::string quoted(std::string_view text);
/// "a number (42)", "an object": what was found, for messages.
std::string found(const package::JsonValue& value);
/// "Did you mean "x"?", or empty.
std::string did_you_mean(std::string_view written, const std::vector<std::string_view>& candidates);
std::string did_you_mean(std::string_view meant);
std::vector<std::string_view> views(const std::vector<std::string>& texts);

}  // namespace waybill::validation
