#include "package/json.h"

#include <simdjson.h>

#include <algorithm>
#include <limits>

#include "base/byte_blocks.h"
#include "base/text.h"
#include "package/json_parser.h"

namespace waybill::package {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// One position every so many bytes: looking one up costs at most this much, also in a file of one line.
constexpr std::size_t kPositionStep = 1024;

std::string in_words(const Position& position) {
  return "line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
}

JsonDefect defect_at(report::Rule rule, std::string message, Position start, std::string_view before) {
  return {rule, std::move(message), advance(start, before)};
}

}  // namespace

Position advance(Position from, std::string_view text) {
  from.offset += text.size();
  std::size_t line = 0;
  std::size_t at = 0;
  for (; text.size() - at >= kByteBlock; at += kByteBlock) {
    std::uint32_t ends = block_bits(load_block(text.data() + at) == '\n');
    if (ends == 0) continue;
    line = at + static_cast<std::size_t>(std::bit_width(ends));
    for (; ends != 0; ends &= ends - 1) ++from.line;
  }
  for (; at < text.size(); ++at) {
    if (text[at] != '\n') continue;
    ++from.line;
    line = at + 1;
  }
  if (line > 0) from.column = 1;
  from.column += static_cast<std::uint32_t>(utf8_length(text.substr(line)));
  return from;
}

std::string_view to_string(JsonKind kind) {
  switch (kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "a boolean";
    case JsonKind::number:
      return "a number";
    case JsonKind::string:
      return "a string";
    case JsonKind::array:
      return "an array";
    case JsonKind::object:
      return "an object";
  }
  return "nothing";
}

const JsonValue* JsonValue::find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const JsonMember& member) { return member.name == name; });
  return found == members.end() ? nullptr : &found->value;
}

struct JsonDocument::State {
  State(std::string bytes, Position from)
      : text(std::move(bytes)),
        start(from),
        memory(std::clamp<std::size_t>(2 * text.size(), 1'024, 65'536)) {}

  std::string text;
  Position start;
  std::pmr::monotonic_buffer_resource memory;
  JsonValue root;
  std::vector<Position> steps;  // of text[kPositionStep * i]
};

JsonDocument::JsonDocument(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

const JsonValue& JsonDocument::root() const {
  return state_->root;
}

Position JsonDocument::position(std::uint32_t offset) const {
  const std::string_view text = state_->text;
  const std::size_t end = std::min<std::size_t>(offset, text.size());
  const std::size_t step = end / kPositionStep;
  return advance(state_->steps[step], text.substr(step * kPositionStep, end - step * kPositionStep));
}

struct JsonReader::State {
  JsonParser parser;
};

JsonReader::JsonReader() : state_(std::make_unique<State>()) {}
JsonReader::~JsonReader() = default;

JsonOutcome JsonReader::read(std::string text, Position start, int max_depth, std::size_t max_values) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    return {std::nullopt, {report::Rule::json_size, "a JSON text of more than 4 GiB", start}};
  }
  auto document = std::make_unique<JsonDocument::State>(std::move(text), start);
  const std::string_view all = document->text;
  if (!simdjson::validate_utf8(all.data(), all.size())) {
    const std::size_t at = first_invalid_utf8(all).value_or(0);
    return {std::nullopt, defect_at(report::Rule::json_encoding,
                                    "expected UTF-8, found the byte 0x" + hex_encode(all.substr(at, 1)),
                                    start, all.substr(0, at))};
  }
  JsonParser& parser = state_->parser;
  const bool marked = start.offset == 0 && all.substr(0, kByteOrderMark.size()) == kByteOrderMark;
  const auto root =
      parser.parse(all, marked ? kByteOrderMark.size() : 0, max_depth, max_values, document->memory);
  if (!root) {
    const JsonParser::Failure& failure = parser.failure();
    std::string message = failure.message;
    if (failure.first) {
      constexpr std::string_view kPlace = "{first}";
      // The last one: a name of the package may hold the same text, and always stands before it.
      const std::size_t place = message.rfind(kPlace);
      message.replace(place, kPlace.size(), in_words(advance(start, all.substr(0, *failure.first))));
    }
    return {std::nullopt, defect_at(failure.rule, std::move(message), start, all.substr(0, failure.offset))};
  }
  document->root = *root;
  Position at = start;
  for (std::size_t i = 0;; i += kPositionStep) {
    document->steps.push_back(at);
    if (i + kPositionStep > all.size()) break;
    at = advance(at, all.substr(i, kPositionStep));
  }
  return {JsonDocument(std::move(document)), {}};
}

}  // namespace waybill::package
