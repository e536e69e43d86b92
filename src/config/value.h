#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace waybill::config {

using List = std::vector<std::string>;
using ListMap = std::map<std::string, List>;
/// In the file, a value of a kind that no setting has (a date, a list of numbers): its kind in words.
struct Unfit {
  std::string kind;
};

/// What somebody gave for one setting, before it is checked. Text is also all that the environment and the
/// command line can give; `untyped` is then true, and text stands for numbers, lists and so on as well.
struct Value {
  std::variant<std::string, std::int64_t, bool, List, ListMap, Unfit> data;
  bool untyped = false;
  std::string where;  // "waybill.toml:3", "WAYBILL_SERVER_LOOPS", "the command line"

  /// As it is shown in an error: quoted, cut, without control characters.
  std::string shown() const;
};

/// The value as one kind, or nothing where it is of another. Untyped text is read as that kind.
const std::string* text_of(const Value& value);
std::optional<std::int64_t> number_of(const Value& value);
std::optional<std::int64_t> size_of(const Value& value);      // bytes; text with a unit in the file, too
std::optional<std::int64_t> duration_of(const Value& value);  // milliseconds; text with a unit, too
std::optional<List> list_of(const Value& value);

/// How the environment and the command line write a list: "a, b". Empty text is an empty list.
List parse_list(std::string_view text);
/// The same for a map: "Sales=en-US,fr-FR;*=en-US". nullopt without "=", and for a name that comes twice.
std::optional<ListMap> parse_list_map(std::string_view text);

/// As a TOML basic string.
std::string in_quotes(std::string_view text);

}  // namespace waybill::config
