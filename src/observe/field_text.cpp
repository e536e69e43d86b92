#include "observe/field_text.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"

namespace waybill::observe {

namespace {

constexpr std::size_t kLongestValue = 2048;                // bytes; a line must stay one that tools can take
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Valid UTF-8 of bounded length.
std::string clean(std::string_view text) {
  std::string out;
  for (;;) {
    const auto bad = first_invalid_utf8(text);
    out += text.substr(0, bad.value_or(text.size()));
    if (!bad) break;
    out += kReplacement;
    text.remove_prefix(*bad + 1);
    if (out.size() > kLongestValue) break;
  }
  return truncate_utf8(out, kLongestValue);
}

std::string text_form(std::string_view value) {
  std::string escaped = escape_controls(clean(value));
  if (!escaped.empty() && escaped.find_first_of(" \"=") == std::string::npos) return escaped;
  std::string quoted = "\"";
  for (const char c : escaped) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

/// A number or a truth value, the same in both formats; JSON has no infinity, so it is null there.
struct Plain {
  std::string operator()(std::string_view) const { return {}; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    return std::isfinite(value) ? fmt::format("{}", value) : std::string("null");
  }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
};

}  // namespace

void append_json_string(std::string& line, std::string_view text) {
  line += '"';
  for (const char c : clean(text)) {
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      line += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      line += c;
    }
  }
  line += '"';
}

void append_as_text(std::string& line, const Field& field) {
  line += ' ';
  line += field.name();
  line += '=';
  const auto* text = std::get_if<std::string_view>(&field.value());
  line += text != nullptr ? text_form(*text) : std::visit(Plain{}, field.value());
}

void append_as_json(std::string& line, const Field& field) {
  line += ',';
  append_json_string(line, field.name());
  line += ':';
  if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    append_json_string(line, *text);
  } else {
    line += std::visit(Plain{}, field.value());
  }
}

}  // namespace waybill::observe
