#include <boost/json.hpp>

#include "api/source_rules.h"
#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

std::string path_of(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : std::string(path) + "." + std::string(name);
}

}  // namespace

void Problems::add(std::string key, std::string value, const std::string& rule) {
  if (rows_.empty()) first_ = "'" + key + "' " + rule;
  rows_.push_back({std::move(key), std::move(value)});
}

void Problems::limit(std::string key, std::string value, const std::string& allowed) {
  if (limits_.empty()) {
    first_limit_ = "Limit exceeded. The allowed limit for '" + key + "' is '" + allowed + "'.";
  }
  limits_.push_back({std::move(key), std::move(value)});
}

void Problems::only_known(const json::object& object, std::string_view path,
                          const std::vector<std::string_view>& known) {
  for (const auto& [name, value] : object) {
    const std::string_view text(name.data(), name.size());
    if (std::find(known.begin(), known.end(), text) != known.end()) continue;
    const auto near = nearest(text, known);
    // The value stays unsaid: it may be a secret under a misspelt name.
    add(path_of(path, text), "",
        near ? "is not known here: did you mean '" + std::string(*near) + "'?" : "is not known here");
  }
}

std::optional<std::string> Problems::text(const json::object& object, std::string_view path,
                                          std::string_view name, bool required, bool secret) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) {
    if (required) add(path_of(path, name), "", "is missing");
    return std::nullopt;
  }
  if (value->is_string()) return std::string(value->get_string());
  add(path_of(path, name), secret ? "" : json::serialize(*value), "must be a string");
  return std::nullopt;
}

const json::object* Problems::object(const json::object& object, std::string_view path, std::string_view name,
                                     bool required) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) {
    if (required) add(path_of(path, name), "", "is missing");
    return nullptr;
  }
  if (value->is_object()) return &value->get_object();
  add(path_of(path, name), "", "must be an object");
  return nullptr;
}

std::optional<ApiError> Problems::error() const {
  const auto sentence = [](const std::string& first, std::size_t count) {
    std::string text = first;
    if (!text.ends_with('.') && !text.ends_with('?')) text += '.';
    if (count > 1) text += " " + std::to_string(count) + " members are not valid: see details.";
    return text;
  };
  if (!rows_.empty()) return ApiError{Code::invalid_value, sentence(first_, rows_.size()), rows_};
  if (!limits_.empty()) return ApiError{Code::limit_exceeded, first_limit_, limits_};
  return std::nullopt;
}

}  // namespace waybill::api
