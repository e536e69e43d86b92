#include "config/file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "base/files.h"
#include "base/text.h"

namespace waybill::config {

namespace {

constexpr std::uint64_t kLargestFile = 1 << 20;

using Values = std::map<std::string, Value>;

std::string kind_of(const toml::node& node) {
  if (node.is_array()) return "a list of other things than text";
  if (node.is_floating_point()) return "a number with a fraction";
  if (node.is_table()) return "a table";
  return "a date or time";
}

std::optional<List> as_list(const toml::node& node) {
  const toml::array* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  List list;
  for (const toml::node& entry : *array) {
    const auto* text = entry.as_string();
    if (text == nullptr) return std::nullopt;
    list.push_back(text->get());
  }
  return list;
}

decltype(Value::data) data_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (auto list = as_list(node)) return std::move(*list);
  return Unfit{kind_of(node)};
}

decltype(Value::data) map_of(const toml::table& table) {
  ListMap map;
  for (const auto& [key, node] : table) {
    auto list = as_list(node);
    if (!list) return Unfit{"a table in which \"" + std::string(key.str()) + "\" is not a list of text"};
    map.emplace(key.str(), std::move(*list));
  }
  return map;
}

class Reader {
 public:
  Reader(std::string file, const std::vector<std::string>& maps) : file_(std::move(file)), maps_(maps) {}

  void read(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      const std::string where = file_ + ":" + std::to_string(key.source().begin.line);
      const toml::table* section = node.as_table();
      if (section == nullptr) {
        values_[name] = Value{data_of(node), false, where};
      } else if (std::find(maps_.begin(), maps_.end(), name) != maps_.end()) {
        values_[name] = Value{map_of(*section), false, where};
      } else {
        read(*section, name + ".");
      }
    }
  }
  Values take() { return std::move(values_); }

 private:
  std::string file_;
  const std::vector<std::string>& maps_;
  Values values_;
};

}  // namespace

Result<Values> read_toml(const std::filesystem::path& file, const std::vector<std::string>& maps) {
  WB_TRY(const std::string text, read_file(file, kLargestFile));
  try {
    const toml::table table = toml::parse(text);
    Reader reader(file.filename().string(), maps);
    reader.read(table, "");
    return reader.take();
  } catch (const toml::parse_error& error) {
    std::ostringstream message;
    message << file.string() << ':' << error.source().begin.line << ':' << error.source().begin.column
            << ": not TOML: " << escape_controls(error.description());
    return Error{ErrorCode::invalid_argument, message.str()};
  }
}

}  // namespace waybill::config
