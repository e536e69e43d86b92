#include "api/knowledge_json.h"

#include <boost/json.hpp>

namespace waybill::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kUsualRows = 50;

void add(json::object& object, std::string_view name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

json::array id_array(const std::vector<KnowledgeId>& ids) {
  json::array array;
  for (const auto& id : ids) array.emplace_back(to_string(id));
  return array;
}

json::array attribute_array(const std::vector<knowledge::CustomAttribute>& attributes) {
  json::array array;
  for (const auto& attribute : attributes) {
    json::array values(attribute.values.begin(), attribute.values.end());
    array.push_back(
        json::object{{"name", attribute.name}, {"type", attribute.type}, {"value", std::move(values)}});
  }
  return array;
}

json::array tag_array(const std::vector<knowledge::Tag>& tags) {
  json::array array;
  for (const auto& tag : tags) {
    json::object object{{"name", tag.name}};
    add(object, "category", tag.category);
    array.push_back(std::move(object));
  }
  return array;
}

json::array resource_array(const std::vector<knowledge::Resource>& resources) {
  json::array array;
  for (const auto& resource : resources) {
    array.push_back(json::object{{"name", resource.name},
                                 {"path", resource.path},
                                 {"size", resource.size},
                                 {"sha256", to_hex(resource.hash)}});
  }
  return array;
}

void add_descriptive(json::object& object, const knowledge::Article& article) {
  add(object, "description", article.description);
  add(object, "articleSummary", article.summary);
  add(object, "articleKeywords", article.keywords);
  add(object, "additionalInfo", article.additional_info);
  add(object, "articleMacro", article.macro);
  if (!article.type_name.empty()) object["articleType"] = json::object{{"typeName", article.type_name}};
  if (article.availability) object["availabilityDate"] = format_time(*article.availability);
  if (article.expiration) object["expirationDate"] = format_time(*article.expiration);
  if (!article.attributes.empty()) object["customAttributes"] = attribute_array(article.attributes);
  if (!article.tags.empty()) object["tags"] = tag_array(article.tags);
  add(object, "imageURL", article.image_url);
  if (article.include_in_gen_ai) object["includeInGenAI"] = *article.include_in_gen_ai;
}

}  // namespace

std::string_view last_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

json::object folder_object(const knowledge::FolderRow& row) {
  json::object object{
      {"id", to_string(row.id)}, {"path", row.folder.path}, {"name", last_name(row.folder.path)}};
  add(object, "description", row.folder.description);
  object["articleCount"] = row.article_count;
  object["modified"] = format_time(row.modified);
  return object;
}

json::object article_object(const knowledge::ArticleRow& row) {
  const auto& article = row.article;
  json::object object{{"id", to_string(row.id)},
                      {"name", article.name},
                      {"folder", json::object{{"path", article.folder}}},
                      {"languageCode", article.language}};
  add_descriptive(object, article);
  if (!article.attachments.empty()) {
    object["attachments"] = resource_array(article.attachments);
  }
  if (!article.inline_resources.empty()) {
    object["inlineResources"] = resource_array(article.inline_resources);
  }
  object["revision"] = row.revision;
  object["jobId"] = to_string(row.job);
  object["created"] = format_time(row.created);
  object["modified"] = format_time(row.modified);
  return object;
}

json::object article_members(const knowledge::Article& article) {
  json::object object;
  add_descriptive(object, article);
  if (!article.attachments.empty()) object["attachments"] = resource_array(article.attachments);
  if (!article.inline_resources.empty()) object["inlineResources"] = resource_array(article.inline_resources);
  return object;
}

json::object topic_object(const knowledge::TopicRow& row) {
  json::object object{
      {"id", to_string(row.id)}, {"path", row.topic.path}, {"name", last_name(row.topic.path)}};
  add(object, "description", row.topic.description);
  object["articles"] = id_array(row.articles);
  object["articleCount"] = row.article_count;
  object["modified"] = format_time(row.modified);
  return object;
}

json::object portal_object(const knowledge::PortalRow& row) {
  json::object object{{"id", to_string(row.id)}, {"name", row.portal.name}};
  add(object, "description", row.portal.description);
  object["topics"] = id_array(row.topics);
  object["modified"] = format_time(row.modified);
  return object;
}

Outcome<knowledge::ListFilter> read_list_filter(const Call& call, std::string_view parent_parameter) {
  knowledge::ListFilter filter;
  filter.department = call.caller->department;
  if (!parent_parameter.empty()) filter.parent = parameter(call.request, parent_parameter).value_or("");
  if (const auto after = parameter(call.request, "after")) {
    filter.after = parse_knowledge_id(*after);
    if (!filter.after) {
      return invalid_value("after must be the 'next' of an earlier answer.", "after", std::string(*after));
    }
  }
  auto limit = read_limit(call.request, kUsualRows, kMaxRows);
  if (!limit.ok()) return std::move(limit.error());
  filter.limit = *limit;
  return filter;
}

Outcome<KnowledgeId> read_knowledge_id(const Call& call, std::string_view what) {
  const auto id = parse_knowledge_id(call.request.path_values.at(0));
  if (!id) return not_found(what);
  return *id;
}

Operation reading(std::string_view id, const std::string& path,
                  Outcome<http::Response> (*handle)(const Services&, const Call&)) {
  Operation operation;
  operation.id = id;
  operation.method = "GET";
  operation.path = std::string(kBase) + path;
  operation.handle = [handle](const Services& services, const Call& call) {
    call.finish(handle(services, call));
  };
  return operation;
}

}  // namespace waybill::api
