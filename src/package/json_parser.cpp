#include "package/json_parser.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/byte_blocks.h"
#include "base/text.h"

namespace waybill::package {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Over plain characters of a string: up to a quote, a backslash or C0.
std::size_t skip_run(std::string_view text, std::size_t at) {
  return find_byte(text, at, [](ByteBlock block) {
    return (block == '"') | (block == '\\') | ((block < 0x20) & (block >= 0));
  });
}

char* put_utf8(std::uint32_t code, char* to) {
  const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
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
  return to;
}

/// Text of the package in a message: short, in double quotes.
std::string quoted(std::string_view name) {
  return '"' + truncate_utf8(name, 60) + '"';
}

double to_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  const bool negative = text.front() == '-';
  const bool tiny = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos ||
                    text.substr(negative ? 1 : 0, 2) == "0.";
  if (tiny) return 0;
  return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

template <typename T>
std::span<const T> keep(std::vector<T>& pending, std::size_t first, std::pmr::memory_resource& memory) {
  const std::size_t count = pending.size() - first;
  if (count == 0) return {};
  auto* room = static_cast<T*>(memory.allocate(count * sizeof(T), alignof(T)));
  std::uninitialized_copy(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end(), room);
  pending.resize(first);
  return {room, count};
}

}  // namespace

std::string describe_json_at(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return "the end of the text";
  const char c = text[offset];
  const std::string_view rest = text.substr(offset);
  if (c == '\'') return "a single quote (JSON strings stand in double quotes)";
  if (rest.substr(0, 2) == "//" || rest.substr(0, 2) == "/*") return "a comment (JSON has none)";
  if (c == '#') return "'#' (JSON has no comments)";
  std::size_t length = 0;
  while (length < rest.size() && (is_letter(rest[length]) || is_digit(rest[length]) || rest[length] == '_')) {
    ++length;
  }
  if (length == 0 && (c == '-' || c == '+') && rest.substr(1, 8) == "Infinity") length = 9;
  const std::string_view word = rest.substr(0, length);
  if (word == "NaN" || word == "Infinity" || word == "-Infinity" || word == "+Infinity") {
    return std::string(word) + " (JSON has no such number)";
  }
  if (word == "undefined" || word == "None") return std::string(word) + " (JSON has null)";
  if (word == "True" || word == "False" || word == "TRUE" || word == "FALSE" || word == "Null" ||
      word == "NULL") {
    return std::string(word) + " (JSON writes it in lower case)";
  }
  if (length > 1) return '\'' + truncate_utf8(word, 30) + '\'';
  const auto byte = static_cast<unsigned char>(c);
  if (byte == '\n' || byte == '\r') return "a line break";
  if (byte < 0x20 || byte == 0x7F) return "the control character " + escape_controls(rest.substr(0, 1));
  std::size_t bytes = 1;
  while (bytes < rest.size() && (static_cast<unsigned char>(rest[bytes]) & 0xC0) == 0x80) ++bytes;
  return '\'' + std::string(rest.substr(0, bytes)) + '\'';
}

std::optional<JsonValue> JsonParser::parse(std::string_view text, std::size_t begin, int max_depth,
                                           std::size_t max_values, std::pmr::memory_resource& memory) {
  text_ = text;
  at_ = begin;
  max_depth_ = static_cast<std::size_t>(std::max(max_depth, 0));
  values_left_ = max_values_ = max_values;
  memory_ = &memory;
  frames_.clear();
  members_.clear();
  elements_.clear();
  JsonValue root;
  if (!parse_document(root)) return std::nullopt;
  return root;
}

bool JsonParser::parse_document(JsonValue& root) {
  JsonValue value;
  skip_space();
  do {
    // Here a value begins.
    bool complete = true;
    const char c = peek();
    if (c == '{' || c == '[') {
      if (!open(value, complete)) return false;
    } else if (!read_scalar(value)) {
      return false;
    }
    // A value that is complete may complete what it stands in.
    while (complete && !frames_.empty()) {
      if (!follow(value, complete)) return false;
    }
  } while (!frames_.empty());
  root = value;
  skip_space();
  if (at_end()) return true;
  return fail(at_,
              "expected nothing more after " + std::string(to_string(root.kind)) + ", found " + found(at_));
}

/// After '{' or '[': complete where it is empty, else at the first element or the first member's value.
bool JsonParser::open(JsonValue& value, bool& complete) {
  const bool is_object = peek() == '{';
  if (frames_.size() >= max_depth_) {
    return fail(report::Rule::json_depth, at_,
                "nested deeper than " + std::to_string(max_depth_) + " levels of objects and arrays");
  }
  if (!count_value(at_)) return false;
  frames_.push_back(
      {is_object, is_object ? members_.size() : elements_.size(), static_cast<std::uint32_t>(at_)});
  ++at_;
  skip_space();
  complete = peek() == (is_object ? '}' : ']');
  if (complete) return close(value);
  if (is_object) return read_name();
  if (peek() == ',') return fail(at_, "expected a value or ']' after '[', found ','");
  return true;
}

/// After a complete value inside a container: hands it over, then on to the next one (complete: false) or to
/// the container that ends here (complete: true).
bool JsonParser::follow(JsonValue& value, bool& complete) {
  const bool is_object = frames_.back().is_object;
  const char end = is_object ? '}' : ']';
  if (is_object) {
    members_.back().value = value;
  } else {
    elements_.push_back(value);
  }
  skip_space();
  if (peek() == end) return close(value);
  if (peek() != ',') {
    return fail(at_,
                std::string("expected ',' or '") + end + "' after " + after_what() + ", found " + found(at_));
  }
  const std::size_t comma = at_++;
  skip_space();
  if (peek() == end) {
    return fail(comma, std::string("a comma before '") + end + "': JSON has no trailing commas");
  }
  complete = false;
  return !is_object || read_name();
}

bool JsonParser::close(JsonValue& value) {
  const Frame frame = frames_.back();
  ++at_;
  value = JsonValue{};
  value.offset = frame.offset;
  value.kind = frame.is_object ? JsonKind::object : JsonKind::array;
  if (frame.is_object) {
    if (!check_duplicates(frame.first)) return false;
    value.members = keep(members_, frame.first, *memory_);
  } else {
    value.elements = keep(elements_, frame.first, *memory_);
  }
  frames_.pop_back();
  return true;
}

/// A member's name and colon, up to the first character of its value.
bool JsonParser::read_name() {
  const std::size_t begin = at_;
  if (peek() != '"') return fail(at_, "expected a member's name in double quotes, found " + found(at_));
  JsonMember member;
  member.offset = static_cast<std::uint32_t>(begin);
  if (!read_string(member.name)) return false;
  skip_space();
  if (peek() != ':') return fail(at_, "expected ':' after " + quoted(member.name) + ", found " + found(at_));
  ++at_;
  skip_space();
  members_.push_back(member);
  return true;
}

bool JsonParser::read_scalar(JsonValue& value) {
  if (!count_value(at_)) return false;
  value = JsonValue{};
  value.offset = static_cast<std::uint32_t>(at_);
  const char c = peek();
  if (c == '"') {
    value.kind = JsonKind::string;
    return read_string(value.text);
  }
  if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
    return read_number(value);
  }
  return read_word(value);
}

bool JsonParser::read_word(JsonValue& value) {
  std::size_t end = at_;
  while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]) || text_[end] == '_')) ++end;
  const std::string_view word = text_.substr(at_, end - at_);
  if (word == "null") {
    value.kind = JsonKind::null;
  } else if (word == "true" || word == "false") {
    value.kind = JsonKind::boolean;
    value.boolean = word == "true";
  } else {
    const bool of_member = !frames_.empty() && frames_.back().is_object;
    return fail(at_, "expected a value" + (of_member ? " for " + quoted(members_.back().name) : "") +
                         ", found " + found(at_));
  }
  at_ = end;
  return true;
}

bool JsonParser::read_number(JsonValue& value) {
  const std::size_t begin = at_;
  if (peek() == '-') ++at_;
  const std::size_t integer = at_;
  while (is_digit(peek())) ++at_;
  if (text_[integer] == '0' && at_ - integer > 1) {
    return fail(begin, "a number does not begin with 0 (JSON has no octal numbers): '" +
                           truncate_utf8(text_.substr(begin, at_ - begin), 30) + '\'');
  }
  if (peek() == '.') {
    ++at_;
    if (!read_digits(begin, "after the decimal point")) return false;
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    if (!read_digits(begin, "in the exponent")) return false;
  }
  if (is_letter(peek()) || peek() == '_' || peek() == '.') {
    return fail(at_, "expected the end of the number '" +
                         truncate_utf8(text_.substr(begin, at_ - begin), 30) + "', found " + found(at_));
  }
  value.kind = JsonKind::number;
  value.text = text_.substr(begin, at_ - begin);
  value.number = to_double(value.text);
  return true;
}

bool JsonParser::read_digits(std::size_t begin, std::string_view where) {
  const std::size_t first = at_;
  while (is_digit(peek())) ++at_;
  if (at_ > first) return true;
  return fail(at_, "expected a digit " + std::string(where) + " of '" +
                       truncate_utf8(text_.substr(begin, at_ - begin), 30) + "', found " + found(at_));
}

/// Of a large object a sorted copy is looked through, so that no size makes it quadratic.
bool JsonParser::check_duplicates(std::size_t first) {
  constexpr std::size_t kFew = 12;
  const std::size_t count = members_.size() - first;
  const JsonMember* const begin = members_.data() + first;
  const JsonMember* second = nullptr;
  const JsonMember* earlier = nullptr;
  if (count <= kFew) {
    for (std::size_t i = 1; i < count && second == nullptr; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (begin[i].name != begin[j].name) continue;
        second = begin + i;
        earlier = begin + j;
        break;
      }
    }
  } else {
    sorted_.resize(count);
    for (std::size_t i = 0; i < count; ++i) sorted_[i] = begin + i;
    std::sort(sorted_.begin(), sorted_.end(), [](const JsonMember* a, const JsonMember* b) {
      return a->name != b->name ? a->name < b->name : a->offset < b->offset;
    });
    for (std::size_t i = 1; i < count; ++i) {
      if (sorted_[i]->name != sorted_[i - 1]->name) continue;
      if (second != nullptr && second->offset < sorted_[i]->offset) continue;
      second = sorted_[i];
      earlier = sorted_[i - 1];
    }
  }
  if (second == nullptr) return true;
  return fail(report::Rule::json_duplicate_member, second->offset,
              "the member " + quoted(second->name) + " stands twice in one object, first at {first}",
              earlier->offset);
}

/// A value costs some 30 times its two bytes in memory, so hostile text is bounded by their number.
bool JsonParser::count_value(std::size_t offset) {
  if (values_left_-- > 0) return true;
  return fail(report::Rule::json_size, offset,
              "more than " + std::to_string(max_values_) + " values in one JSON text");
}

bool JsonParser::fail(std::size_t offset, std::string message) {
  return fail(report::Rule::json_syntax, offset, std::move(message));
}

bool JsonParser::fail(report::Rule rule, std::size_t offset, std::string message,
                      std::optional<std::size_t> first) {
  failure_ = {rule, std::move(message), offset, first};
  return false;
}

std::string JsonParser::after_what() const {
  const Frame& frame = frames_.back();
  if (frame.is_object) return "the value of " + quoted(members_.back().name);
  return "element " + std::to_string(elements_.size() - frame.first - 1) + " of the array";
}

std::string JsonParser::found(std::size_t offset) const {
  return describe_json_at(text_, offset);
}

void JsonParser::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
    ++at_;
  }
}

// --- strings ---------------------------------------------------------------------------------------------

bool JsonParser::read_string(std::string_view& out) {
  const std::size_t begin = at_++;
  const std::size_t end = skip_run(text_, at_);
  if (end < text_.size() && text_[end] == '"') {
    out = text_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }
  return read_escapes(begin, out);
}

/// A string with escapes, copied: it never grows by unescaping.
bool JsonParser::read_escapes(std::size_t begin, std::string_view& out) {
  std::size_t close = at_;  // an upper bound of the length: the quote that is not escaped
  for (;; ++close) {
    close = skip_run(text_, close);
    if (close >= text_.size() || text_[close] != '\\') break;
    ++close;
    if (close >= text_.size()) break;
  }
  const std::size_t room = std::min(close, text_.size()) - at_;
  char* const first = static_cast<char*>(memory_->allocate(std::max<std::size_t>(room, 1), 1));
  char* to = first;
  for (;;) {
    const std::size_t end = skip_run(text_, at_);
    to = std::copy(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                   text_.begin() + static_cast<std::ptrdiff_t>(end), to);
    at_ = end;
    if (at_end() || (peek() != '"' && peek() != '\\')) return fail_in_string(begin);
    ++at_;
    if (text_[end] == '"') break;
    if (!read_escape(to)) return false;
  }
  out = {first, static_cast<std::size_t>(to - first)};
  return true;
}

bool JsonParser::read_escape(char*& to) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeans = "\"\\/\b\f\n\r\t";
  if (at_end()) return fail(at_, "expected a character after '\\', found " + found(at_));
  const char c = text_[at_];
  if (c == 'u') return read_unicode_escape(to);
  const std::size_t which = kNames.find(c);
  if (which == std::string_view::npos) {
    return fail(at_ - 1,
                "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX in a string, found '\\' before " +
                    found(at_) + " (a backslash itself is written \\\\)");
  }
  *to++ = kMeans[which];
  ++at_;
  return true;
}

/// At the 'u'. RFC 8259, section 7: beyond U+FFFF two escapes, a surrogate pair.
bool JsonParser::read_unicode_escape(char*& to) {
  const std::size_t begin = at_ - 1;
  const auto unit = read_hex4();
  if (!unit) return fail(begin, "expected four hexadecimal digits after \\u");
  std::uint32_t code = *unit;
  if (code >= 0xD800 && code <= 0xDFFF) {
    const std::string written(text_.substr(begin, 6));
    const bool pair = code <= 0xDBFF && text_.substr(at_, 2) == "\\u";
    if (pair) ++at_;
    const auto low = pair ? read_hex4() : std::nullopt;
    if (!low || *low < 0xDC00 || *low > 0xDFFF) {
      return fail(begin, written + " is half of a surrogate pair: the other half is missing");
    }
    code = 0x10000 + ((code - 0xD800) << 10) + (*low - 0xDC00);
  }
  to = put_utf8(code, to);
  return true;
}

/// At the 'u'; then after the digits.
std::optional<std::uint32_t> JsonParser::read_hex4() {
  const std::string_view digits = text_.substr(std::min(at_ + 1, text_.size()), 4);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() < 4 || error != std::errc{} || end != digits.data() + 4) return std::nullopt;
  at_ += 5;
  return value;
}

bool JsonParser::fail_in_string(std::size_t begin) {
  if (at_end()) {
    return fail(report::Rule::json_syntax, at_,
                "expected '\"' at the end of the string that begins at {first}, found the end of the text",
                begin);
  }
  const std::string name = peek() == '\n'   ? "a line break (write it \\n"
                           : peek() == '\r' ? "a carriage return (write it \\r"
                           : peek() == '\t'
                               ? "a tab (write it \\t"
                               : "a control character (write it " + escape_controls({&text_[at_], 1});
  return fail(report::Rule::json_syntax, at_, name + ") inside the string that begins at {first}", begin);
}

}  // namespace waybill::package
