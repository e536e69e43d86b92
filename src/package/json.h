#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "report/finding.h"

namespace waybill::package {

/// A place in a text file: byte offset from 0, line and column from 1, columns in code points.
struct Position {
  std::uint64_t offset = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// `from` moved over `text`.
Position advance(Position from, std::string_view text);

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };
std::string_view to_string(JsonKind kind);  // "an object", for messages

struct JsonMember;

/// A node of a small JSON document, with its place in the file. Owned by its JsonDocument.
struct JsonValue {
  JsonKind kind = JsonKind::null;
  bool boolean = false;
  double number = 0;                    // JsonKind::number; integers are exact to 2^53
  std::string_view text;                // string: unescaped; number: as written
  std::uint32_t offset = 0;             // of its first character in the document's bytes
  std::span<const JsonValue> elements;  // array
  std::span<const JsonMember> members;  // object, in the file's order, duplicates kept

  /// The first member of that name, or null. Only of an object; null of anything else.
  const JsonValue* find(std::string_view name) const;
};

struct JsonMember {
  std::string_view name;     // unescaped
  std::uint32_t offset = 0;  // of the name's opening quote
  JsonValue value;
};

/// Why bytes are not an acceptable JSON document: one of the json_… rules.
struct JsonDefect {
  report::Rule rule = report::Rule::json_syntax;
  std::string message;
  Position position;
};

/// One parsed document (a whole small file, or one article of articles.json) with the bytes it came from.
class JsonDocument {
 public:
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  const JsonValue& root() const;
  /// Where a node's offset is in the file.
  Position position(std::uint32_t offset) const;

 private:
  friend class JsonReader;
  struct State;
  explicit JsonDocument(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct JsonOutcome {
  std::optional<JsonDocument> document;  // or
  JsonDefect defect;
};

/// Parses documents one after another, reusing its buffers. One thread at a time; make one for each.
class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;
  /// `start` is where `text` begins in its file. Checked in full: UTF-8, syntax (RFC 8259), depth, duplicate
  /// members (json_duplicate_member names the second one). A byte order mark at the very start of a file is
  /// passed over. More than `max_values` values: json_size, for each takes about 100 bytes.
  JsonOutcome read(std::string text, Position start, int max_depth, std::size_t max_values = kMaxValues);

  static constexpr std::size_t kMaxValues = 2'000'000;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace waybill::package
