#include "config/value.h"

#include <charconv>
#include <limits>

#include "base/text.h"
#include "config/units.h"

namespace waybill::config {

namespace {

constexpr std::size_t kLongestShown = 80;  // bytes of a value that an error repeats

struct Show {
  std::string operator()(const std::string& text) const {
    return '"' + escape_controls(truncate_utf8(text, kLongestShown)) + '"';
  }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(const List& list) const {
    return "a list of " + std::to_string(list.size()) + (list.size() == 1 ? " entry" : " entries");
  }
  std::string operator()(const ListMap&) const { return "a table"; }
  std::string operator()(const Unfit& unfit) const { return unfit.kind; }
};

}  // namespace

std::string Value::shown() const {
  return std::visit(Show{}, data);
}

const std::string* text_of(const Value& value) {
  return std::get_if<std::string>(&value.data);
}

std::optional<std::int64_t> number_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return *number;
  const std::string* text = text_of(value);
  if (!value.untyped || text == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> size_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return *number;
  const std::string* text = text_of(value);
  const auto bytes = text == nullptr ? std::nullopt : parse_size(*text);
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!bytes || *bytes > kLargest) return std::nullopt;
  return static_cast<std::int64_t>(*bytes);
}

std::optional<std::int64_t> duration_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return *number;
  const std::string* text = text_of(value);
  const auto duration = text == nullptr ? std::nullopt : parse_duration(*text);
  if (!duration) return std::nullopt;
  return duration->count();
}

std::optional<List> list_of(const Value& value) {
  if (const auto* list = std::get_if<List>(&value.data)) return *list;
  const std::string* text = text_of(value);
  if (!value.untyped || text == nullptr) return std::nullopt;
  return parse_list(*text);
}

List parse_list(std::string_view text) {
  List list;
  if (trim(text).empty()) return list;
  for (const auto part : split(text, ',')) list.emplace_back(trim(part));
  return list;
}

std::optional<ListMap> parse_list_map(std::string_view text) {
  ListMap map;
  if (trim(text).empty()) return map;
  for (const auto part : split(text, ';')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    if (!map.emplace(trim(part.substr(0, equals)), parse_list(part.substr(equals + 1))).second) {
      return std::nullopt;
    }
  }
  return map;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace waybill::config
