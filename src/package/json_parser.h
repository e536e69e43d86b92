#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "package/json.h"

namespace waybill::package {

/// A strict parser of RFC 8259 that builds the tree of json.h and, where the text is not JSON, says at the
/// first wrong byte what was expected and what was found. Without recursion, so that depth costs no stack.
/// Takes valid UTF-8. Reusable: its buffers stay. One thread.
class JsonParser {
 public:
  struct Failure {
    report::Rule rule = report::Rule::json_syntax;
    std::string message;     // "{first}" in it stands for the position of `first`
    std::size_t offset = 0;  // in the text
    std::optional<std::size_t> first;
  };

  /// The tree lies in `memory` and points into `text`: both must outlive it. nullopt: see failure().
  /// Begins at `begin` (behind a byte order mark).
  std::optional<JsonValue> parse(std::string_view text, std::size_t begin, int max_depth,
                                 std::size_t max_values, std::pmr::memory_resource& memory);
  const Failure& failure() const { return failure_; }

 private:
  struct Frame {
    bool is_object;
    std::size_t first;  // of its children in members_ or elements_
    std::uint32_t offset;
  };

  // Each returns false after fail().
  bool parse_document(JsonValue& root);
  bool open(JsonValue& value, bool& complete);
  bool follow(JsonValue& value, bool& complete);
  bool close(JsonValue& value);
  bool read_name();
  bool read_scalar(JsonValue& value);
  bool read_word(JsonValue& value);
  bool read_number(JsonValue& value);
  bool read_digits(std::size_t begin, std::string_view where);
  bool read_string(std::string_view& out);
  bool read_escapes(std::size_t begin, std::string_view& out);
  bool read_escape(char*& to);
  bool read_unicode_escape(char*& to);
  bool check_duplicates(std::size_t first);
  bool count_value(std::size_t offset);

  std::optional<std::uint32_t> read_hex4();
  bool fail_in_string(std::size_t begin);
  bool fail(std::size_t offset, std::string message);
  bool fail(report::Rule rule, std::size_t offset, std::string message,
            std::optional<std::size_t> first = {});
  std::string after_what() const;
  std::string found(std::size_t offset) const;
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }
  void skip_space();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t max_depth_ = 0;
  std::size_t values_left_ = 0;
  std::size_t max_values_ = 0;
  std::pmr::memory_resource* memory_ = nullptr;
  std::vector<Frame> frames_;
  std::vector<JsonMember> members_;  // of the objects that are open, innermost last
  std::vector<JsonValue> elements_;  // of the arrays that are open
  std::vector<const JsonMember*> sorted_;
  Failure failure_;
};

/// The character or word at `offset` for a message: "'x'", "the end of the text", "a comment (JSON has
/// none)".
std::string describe_json_at(std::string_view text, std::size_t offset);

}  // namespace waybill::package
