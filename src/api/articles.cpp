#include "api/knowledge_list.h"
#include "base/hash.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

// Bodies are kept as they came, active content and all: a browser must never run any of it.
constexpr std::string_view kContentPolicy =
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'";

Outcome<http::Response> one_article(const Services& services, const Call& call) {
  auto id = read_knowledge_id(call, "article");
  if (!id.ok()) return std::move(id.error());
  const auto& department = call.caller->department;
  const auto row = services.knowledge.article(department, *id);
  if (!row) return fault(services, call.request, row.error());
  const auto links = services.knowledge.links(department, *id);
  if (!links) return fault(services, call.request, links.error());
  json::object object = article_object(*row);
  json::array array;
  for (const auto& each : *links) {
    json::object link{{"url", each.link.url}};
    if (each.target) link["articleId"] = to_string(*each.target);
    array.push_back(std::move(link));
  }
  if (!array.empty()) object["links"] = std::move(array);
  if (!row->article.text.empty()) object["text"] = row->article.text;
  auto body = json::serialize(object);
  const std::string etag = "\"" + to_hex(sha256(body)) + "\"";
  return with_etag(call.request, etag, json_text_answer(200, std::move(body)));
}

Outcome<http::Response> content(const Services& services, const Call& call) {
  auto id = read_knowledge_id(call, "article");
  if (!id.ok()) return std::move(id.error());
  auto body = services.knowledge.body(call.caller->department, *id);
  if (!body) return fault(services, call.request, body.error());
  const std::string etag = "\"" + to_hex(sha256(*body)) + "\"";
  http::Response response;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.headers.set("Content-Security-Policy", std::string(kContentPolicy));
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.body = std::move(body).value();
  return with_etag(call.request, etag, std::move(response));
}

Outcome<http::Response> send_resource(const Services& services, const Call& call,
                                      const knowledge::Resource& resource) {
  auto bytes = services.blob(resource.hash);
  if (!bytes) {
    // The article names it: that it is not there is the server's fault, not the client's.
    Error error = bytes.error();
    if (error.code == ErrorCode::not_found) error.code = ErrorCode::internal;
    return fault(services, call.request, error);
  }
  return with_etag(call.request, "\"" + to_hex(resource.hash) + "\"",
                   download(std::move(bytes).value(), resource.name));
}

Outcome<http::Response> attachment(const Services& services, const Call& call) {
  auto id = read_knowledge_id(call, "article");
  if (!id.ok()) return std::move(id.error());
  const auto row = services.knowledge.article(call.caller->department, *id);
  if (!row) return fault(services, call.request, row.error());
  const auto& all = row->article.attachments;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (call.request.path_values.at(1) == std::to_string(i)) return send_resource(services, call, all[i]);
  }
  return not_found("attachment");
}

Outcome<http::Response> inline_resource(const Services& services, const Call& call) {
  auto id = read_knowledge_id(call, "article");
  if (!id.ok()) return std::move(id.error());
  const auto row = services.knowledge.article(call.caller->department, *id);
  if (!row) return fault(services, call.request, row.error());
  for (const auto& each : row->article.inline_resources) {
    if (call.request.path_values.at(1) == each.path) return send_resource(services, call, each);
  }
  return not_found("resource");
}

}  // namespace

/// GET /articles (contract, section 5).
Operation list_articles() {
  auto operation = reading("listArticles", "/articles", [](const Services& services, const Call& call) {
    return knowledge_page(services, call, "articles", "folder", &knowledge::KnowledgeBase::articles,
                          article_object);
  });
  operation.query = {{"folder"}, {"limit"}, {"after"}};
  return operation;
}

/// GET /articles/{id}: with its plain text and its links, each with the article that it leads to now.
Operation get_article() {
  return reading("getArticle", "/articles/{id}", one_article);
}

/// GET /articles/{id}/content: the body, byte for byte, and never live in a browser.
Operation article_content() {
  auto operation = reading("getArticleContent", "/articles/{id}/content", content);
  operation.produces = {"text/html"};
  return operation;
}

/// GET /articles/{id}/attachments/{index}: to be saved.
Operation article_attachment() {
  auto operation = reading("getArticleAttachment", "/articles/{id}/attachments/{index}", attachment);
  operation.produces = {};
  return operation;
}

/// GET /articles/{id}/resources/{path}: `path` is one segment, its slashes as %2F.
Operation article_resource() {
  auto operation = reading("getArticleResource", "/articles/{id}/resources/{path}", inline_resource);
  operation.produces = {};
  return operation;
}

}  // namespace waybill::api
