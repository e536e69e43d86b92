#include "api/knowledge_list.h"
#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kUsualHits = 20;
constexpr std::size_t kMaxHits = 100;
constexpr std::int64_t kMaxOffset = 10'000;
constexpr std::size_t kMaxQuery = 1024;  // bytes

// What the knowledge base marks hits with (knowledge/knowledge_base.h): U+E000 and U+E001.
constexpr std::string_view kHitStart = "\xEE\x80\x80";
constexpr std::string_view kHitEnd = "\xEE\x80\x81";

/// The snippet as plain text, or as HTML that is safe to show, with <mark> around the hits.
std::string write_snippet(std::string_view marked, bool html) {
  std::string text;
  for (std::size_t i = 0; i < marked.size(); ++i) {
    const auto rest = marked.substr(i);
    if (rest.starts_with(kHitStart) || rest.starts_with(kHitEnd)) {
      if (html) text += rest.starts_with(kHitStart) ? "<mark>" : "</mark>";
      i += kHitStart.size() - 1;
    } else if (html && marked[i] == '<') {
      text += "&lt;";
    } else if (html && marked[i] == '>') {
      text += "&gt;";
    } else if (html && marked[i] == '&') {
      text += "&amp;";
    } else if (html && marked[i] == '"') {
      text += "&quot;";
    } else {
      text += marked[i];
    }
  }
  return text;
}

json::object hit_object(const knowledge::SearchHit& hit) {
  return {{"id", to_string(hit.id)},
          {"path", hit.path},
          {"name", hit.name},
          {"languageCode", hit.language},
          {"snippet", write_snippet(hit.snippet, false)},
          {"snippetHtml", write_snippet(hit.snippet, true)},
          {"score", hit.score}};
}

Outcome<http::Response> search(const Services& services, const Call& call) {
  const auto query = *parameter(call.request, "q");
  if (query.empty() || query.size() > kMaxQuery || first_invalid_utf8(query)) {
    return invalid_value("q must be 1 to 1024 bytes of UTF-8.", "q", std::string(query));
  }
  auto limit = read_limit(call.request, kUsualHits, kMaxHits);
  if (!limit.ok()) return std::move(limit.error());
  auto offset = read_number(call.request, "offset", 0, kMaxOffset);
  if (!offset.ok()) return std::move(offset.error());
  const auto start = static_cast<std::size_t>(*offset);
  const auto hits = services.knowledge.search(call.caller->department, query, *limit + 1, start);
  if (!hits) return fault(services, call.request, hits.error());
  json::array array;
  for (std::size_t i = 0; i < std::min(*limit, hits->size()); ++i) array.push_back(hit_object((*hits)[i]));
  json::object body{{"hits", std::move(array)}};
  if (hits->size() > *limit && *offset < kMaxOffset) body["nextOffset"] = start + *limit;
  return json_answer(200, body);
}

}  // namespace

/// GET /search?q= (contract, section 5): the words as a person types them, best first.
Operation search_articles() {
  auto operation = reading("searchArticles", "/search", search);
  operation.query = {{"q", true}, {"limit"}, {"offset"}};
  return operation;
}

}  // namespace waybill::api
