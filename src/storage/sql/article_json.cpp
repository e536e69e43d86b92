#include "storage/sql/article_json.h"

#include <simdjson.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"

namespace waybill::storage::sql {

namespace {

namespace json = boost::json;
using knowledge::Article;

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}
json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}
std::string text_of(const json::value& value) {
  return std::string(view(value.as_string()));
}
std::string member(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::string() : text_of(*value);
}

void put(json::object& to, json::string_view name, const std::string& text) {
  if (!text.empty()) to[name] = view(text);
}

void put(json::object& to, json::string_view name, const std::vector<knowledge::Resource>& resources) {
  if (resources.empty()) return;
  json::array list(to.storage());
  for (const knowledge::Resource& resource : resources) {
    list.push_back(
        json::array({view(resource.name), view(resource.path), view(to_hex(resource.hash)), resource.size},
                    to.storage()));
  }
  to[name] = std::move(list);
}

std::vector<knowledge::Resource> read_resources(const json::object& object, json::string_view name) {
  std::vector<knowledge::Resource> resources;
  const json::value* list = object.if_contains(name);
  if (list == nullptr) return resources;
  for (const json::value& value : list->as_array()) {
    const json::array& row = value.as_array();
    knowledge::Resource resource{
        text_of(row.at(0)), text_of(row.at(1)), {}, row.at(3).to_number<std::uint64_t>()};
    const json::string& hex = row.at(2).as_string();
    for (std::size_t i = 0; i < resource.hash.size() && 2 * i + 1 < hex.size(); ++i) {
      resource.hash[i] =
          static_cast<std::uint8_t>(std::stoi(std::string(hex.subview(2 * i, 2)), nullptr, 16));
    }
    resources.push_back(std::move(resource));
  }
  return resources;
}

void put_lists(json::object& to, const Article& article) {
  if (!article.attributes.empty()) {
    json::array list(to.storage());
    for (const knowledge::CustomAttribute& attribute : article.attributes) {
      json::array values(to.storage());
      for (const std::string& value : attribute.values) values.emplace_back(view(value));
      list.push_back(
          json::array({view(attribute.name), view(attribute.type), std::move(values)}, to.storage()));
    }
    to["attributes"] = std::move(list);
  }
  if (!article.tags.empty()) {
    json::array list(to.storage());
    for (const knowledge::Tag& tag : article.tags) {
      list.push_back(json::array({view(tag.category), view(tag.name)}, to.storage()));
    }
    to["tags"] = std::move(list);
  }
  if (!article.links.empty()) {
    json::array list(to.storage());
    for (const knowledge::ArticleLink& link : article.links) {
      list.push_back(json::array(
          {view(link.url), view(link.target_folder), view(link.target_name), view(link.target_language)},
          to.storage()));
    }
    to["links"] = std::move(list);
  }
}

void read_lists(const json::object& object, Article& article) {
  if (const json::value* list = object.if_contains("attributes")) {
    for (const json::value& value : list->as_array()) {
      const json::array& row = value.as_array();
      knowledge::CustomAttribute attribute{text_of(row.at(0)), text_of(row.at(1)), {}};
      for (const json::value& text : row.at(2).as_array()) attribute.values.push_back(text_of(text));
      article.attributes.push_back(std::move(attribute));
    }
  }
  if (const json::value* list = object.if_contains("tags")) {
    for (const json::value& value : list->as_array()) {
      article.tags.push_back({text_of(value.at(0)), text_of(value.at(1))});
    }
  }
  if (const json::value* list = object.if_contains("links")) {
    for (const json::value& value : list->as_array()) {
      article.links.push_back(
          {text_of(value.at(0)), text_of(value.at(1)), text_of(value.at(2)), text_of(value.at(3))});
    }
  }
}

std::optional<Time> read_time(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  return Time(Milliseconds(value->to_number<std::int64_t>()));
}

void read_metadata(const json::object& object, Article& article) {
  article.description = member(object, "description");
  article.summary = member(object, "summary");
  article.keywords = member(object, "keywords");
  article.additional_info = member(object, "additionalInfo");
  article.type_name = member(object, "type");
  article.image_url = member(object, "imageURL");
  article.content_path = member(object, "content");
  article.availability = read_time(object, "availability");
  article.expiration = read_time(object, "expiration");
  if (const json::value* value = object.if_contains("includeInGenAI")) {
    article.include_in_gen_ai = value->as_bool();
  }
  read_lists(object, article);
  article.attachments = read_resources(object, "attachments");
  article.inline_resources = read_resources(object, "inlineResources");
}

Error unreadable(const std::exception& cause) {
  return {ErrorCode::corrupt, "a row of the database holds JSON that cannot be read: restore a backup",
          cause.what()};
}

/// Runs `read` on the parsed text; what Boost.JSON and the readers above throw becomes an error.
template <typename Read>
Result<void> parsed(std::string_view text, Read read) {
  try {
    read(json::parse(view(text)));
    return {};
  } catch (const std::exception& cause) {
    return unreadable(cause);
  }
}

}  // namespace

std::string article_metadata(const Article& article) {
  // On the stack first: an ordinary article needs a few hundred bytes.
  unsigned char buffer[4096];
  json::monotonic_resource memory(buffer);
  json::object object(&memory);
  put(object, "description", article.description);
  put(object, "summary", article.summary);
  put(object, "keywords", article.keywords);
  put(object, "additionalInfo", article.additional_info);
  put(object, "type", article.type_name);
  put(object, "imageURL", article.image_url);
  put(object, "content", article.content_path);
  if (article.availability) object["availability"] = article.availability->time_since_epoch().count();
  if (article.expiration) object["expiration"] = article.expiration->time_since_epoch().count();
  if (article.include_in_gen_ai) object["includeInGenAI"] = *article.include_in_gen_ai;
  put_lists(object, article);
  put(object, "attachments", article.attachments);
  put(object, "inlineResources", article.inline_resources);
  return json::serialize(object);
}

Result<void> read_article_metadata(std::string_view text, Article& article) {
  return parsed(text, [&](const json::value& value) { read_metadata(value.as_object(), article); });
}

Result<std::string> article_search_words(std::string_view text) {
  thread_local simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(text);
  std::string keywords;
  std::string summary;
  std::string description;
  try {
    simdjson::ondemand::document document = parser.iterate(padded);
    for (simdjson::ondemand::field field : document.get_object()) {
      const std::string_view name = field.unescaped_key();
      std::string* const to = name == "keywords"      ? &keywords
                              : name == "summary"     ? &summary
                              : name == "description" ? &description
                                                      : nullptr;
      if (to != nullptr) *to = std::string_view(field.value());
    }
  } catch (const simdjson::simdjson_error& cause) {
    return unreadable(cause);
  }
  return keywords + "\n" + summary + "\n" + description;
}

std::string text_list(const std::vector<std::string>& texts) {
  json::array list;
  for (const std::string& text : texts) list.emplace_back(view(text));
  return json::serialize(list);
}

Result<std::vector<std::string>> read_text_list(std::string_view text) {
  std::vector<std::string> texts;
  WB_CHECK_OK(parsed(text, [&](const json::value& value) {
    for (const json::value& one : value.as_array()) texts.push_back(text_of(one));
  }));
  return texts;
}

std::pair<std::string_view, std::string_view> split_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {std::string_view(), path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string article_path_list(const std::vector<std::string>& paths) {
  json::array list;
  for (const std::string& path : paths) {
    const auto [folder, name] = split_path(path);
    list.push_back(json::array{view(folder), view(name)});
  }
  return json::serialize(list);
}

Result<std::vector<std::string>> read_article_path_list(std::string_view text) {
  std::vector<std::string> paths;
  WB_CHECK_OK(parsed(text, [&](const json::value& value) {
    for (const json::value& row : value.as_array()) {
      const std::string folder = text_of(row.at(0));
      paths.push_back(folder.empty() ? text_of(row.at(1)) : folder + "/" + text_of(row.at(1)));
    }
  }));
  return paths;
}

}  // namespace waybill::storage::sql
