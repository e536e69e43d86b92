#include "storage/sql/article_json.h"

#include <simdjson.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "storage/sql/json_writer.h"

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

void put(JsonWriter& to, const std::vector<std::string>& texts) {
  to.begin_array();
  for (const std::string& text : texts) to.text(text);
  to.end_array();
}

void put(JsonWriter& to, std::string_view name, const std::string& text) {
  if (!text.empty()) to.name(name).text(text);
}

void put(JsonWriter& to, std::string_view name, const std::vector<knowledge::Resource>& resources) {
  if (resources.empty()) return;
  to.name(name).begin_array();
  for (const knowledge::Resource& resource : resources) {
    to.begin_array().text(resource.name).text(resource.path).text(to_hex(resource.hash));
    to.number(static_cast<std::int64_t>(resource.size)).end_array();
  }
  to.end_array();
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

void put_lists(JsonWriter& to, const Article& article) {
  if (!article.attributes.empty()) {
    to.name("attributes").begin_array();
    for (const knowledge::CustomAttribute& attribute : article.attributes) {
      to.begin_array().text(attribute.name).text(attribute.type);
      put(to, attribute.values);
      to.end_array();
    }
    to.end_array();
  }
  if (!article.tags.empty()) {
    to.name("tags").begin_array();
    for (const knowledge::Tag& tag : article.tags) {
      to.begin_array().text(tag.category).text(tag.name).end_array();
    }
    to.end_array();
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
}

std::vector<knowledge::ArticleLink> read_links(const json::array& list) {
  std::vector<knowledge::ArticleLink> links;
  links.reserve(list.size());
  for (const json::value& value : list) {
    links.push_back({text_of(value.at(0)), text_of(value.at(1)), text_of(value.at(2)), text_of(value.at(3))});
  }
  return links;
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
  JsonWriter to;
  to.begin_object();
  put(to, "description", article.description);
  put(to, "summary", article.summary);
  put(to, "keywords", article.keywords);
  put(to, "additionalInfo", article.additional_info);
  put(to, "type", article.type_name);
  put(to, "imageURL", article.image_url);
  put(to, "content", article.content_path);
  if (article.availability) to.name("availability").number(article.availability->time_since_epoch().count());
  if (article.expiration) to.name("expiration").number(article.expiration->time_since_epoch().count());
  if (article.include_in_gen_ai) to.name("includeInGenAI").boolean(*article.include_in_gen_ai);
  put_lists(to, article);
  put(to, "attachments", article.attachments);
  put(to, "inlineResources", article.inline_resources);
  return to.end_object().take();
}

Result<void> read_article_metadata(std::string_view text, Article& article) {
  return parsed(text, [&](const json::value& value) { read_metadata(value.as_object(), article); });
}

std::string article_links(const std::vector<knowledge::ArticleLink>& links) {
  JsonWriter to;
  to.begin_array();
  for (const knowledge::ArticleLink& link : links) {
    to.begin_array().text(link.url).text(link.target_folder).text(link.target_name);
    to.text(link.target_language).end_array();
  }
  return to.end_array().take();
}

Result<std::vector<knowledge::ArticleLink>> read_article_links(std::string_view text) {
  std::vector<knowledge::ArticleLink> links;
  WB_CHECK_OK(parsed(text, [&](const json::value& value) { links = read_links(value.as_array()); }));
  return links;
}

Result<std::vector<knowledge::ArticleLink>> links_in_metadata(std::string_view text) {
  std::vector<knowledge::ArticleLink> links;
  WB_CHECK_OK(parsed(text, [&](const json::value& value) {
    if (const json::value* list = value.as_object().if_contains("links"))
      links = read_links(list->as_array());
  }));
  return links;
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
  JsonWriter to;
  put(to, texts);
  return to.take();
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
  JsonWriter to;
  to.begin_array();
  for (const std::string& path : paths) {
    const auto [folder, name] = split_path(path);
    to.begin_array().text(folder).text(name).end_array();
  }
  return to.end_array().take();
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
