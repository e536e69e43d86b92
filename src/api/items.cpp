#include <boost/json.hpp>
#include <charconv>

#include "api/answers.h"
#include "api/gate.h"
#include "api/item_json.h"
#include "api/knowledge_json.h"
#include "api/operation.h"
#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kUsualLimit = 100;
constexpr std::size_t kMaxLimit = 1000;
constexpr std::size_t kMaxTextCharacters = 255;
constexpr std::int64_t kMaxNumber = 1'000'000'000;

Outcome<storage::ItemFilter> read_filter(const http::Request& request) {
  storage::ItemFilter filter;
  if (const auto text = parameter(request, "outcome")) {
    filter.outcome = knowledge::parse_outcome(*text);
    if (!filter.outcome) {
      return invalid_value("outcome must be created, updated, unchanged, refused or removed.", "outcome",
                           std::string(*text));
    }
  }
  if (const auto text = parameter(request, "kind")) {
    for (const auto kind : {report::ItemKind::folder, report::ItemKind::article, report::ItemKind::topic,
                            report::ItemKind::portal}) {
      if (*text == report::to_string(kind)) filter.kind = kind;
    }
    if (!filter.kind) {
      return invalid_value("kind must be folder, article, topic or portal.", "kind", std::string(*text));
    }
  }
  filter.text = parameter(request, "q").value_or("");
  if (utf8_length(filter.text) > kMaxTextCharacters) {
    return invalid_value("q has at most " + std::to_string(kMaxTextCharacters) + " characters.", "q", "");
  }
  auto after = read_number(request, "after", 0, kMaxNumber);
  if (!after.ok()) return std::move(after.error());
  filter.after = *after;
  auto limit = read_limit(request, kUsualLimit, kMaxLimit);
  if (!limit.ok()) return std::move(limit.error());
  filter.limit = *limit;
  return filter;
}

Outcome<http::Response> list(const Services& services, const Call& call) {
  auto filter = read_filter(call.request);
  if (!filter.ok()) return std::move(filter.error());
  auto job = find_job(services, call);
  if (!job.ok()) return std::move(job.error());
  const std::size_t limit = filter->limit++;
  const auto items = services.items.list(job->id, *filter);
  if (!items) return fault(services, call.request, items.error());
  json::array rows;
  for (std::size_t i = 0; i < std::min(limit, items->size()); ++i) rows.push_back(item_object((*items)[i]));
  json::object body{{"items", std::move(rows)}};
  if (items->size() > limit) body["next"] = (*items)[limit - 1].number;
  return json_answer(200, body);
}

Outcome<http::Response> one(const Services& services, const Call& call) {
  auto job = find_job(services, call);
  if (!job.ok()) return std::move(job.error());
  const std::string& text = call.request.path_values.at(1);
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return not_found("item");
  const auto item = services.items.get(job->id, number);
  if (!item && item.error().code == ErrorCode::not_found) return not_found("item");
  if (!item) return fault(services, call.request, item.error());
  json::object body = item_object(*item);
  const bool validation = job->type == jobs::JobType::validation;
  // Of what was refused for its content there is nothing to compare; what an undo has left was not written.
  if (item->kind != report::ItemKind::article) return json_answer(200, body);
  const bool written =
      item->outcome != knowledge::Outcome::refused && item->outcome != knowledge::Outcome::unchanged;
  if (!validation && !written) return json_answer(200, body);
  const auto versions = services.items.versions(job->id, validation, *item);
  if (versions) {
    body["difference"] = difference_object(*versions);
  } else if (versions.error().code != ErrorCode::not_found) {
    return fault(services, call.request, versions.error());
  } else if (written) {
    return ApiError{Code::conflict,
                    "What this job would have written is kept no longer. Validate the package again.",
                    {{"item", item->path}}};
  }
  return json_answer(200, body);
}

Outcome<http::Response> history(const Services& services, const Call& call) {
  auto id = read_knowledge_id(call, "article");
  if (!id.ok()) return std::move(id.error());
  const auto revisions = services.items.history(call.caller->department, *id);
  if (!revisions) return fault(services, call.request, revisions.error());
  json::array rows;
  for (const auto& each : *revisions) {
    json::object row{{"revision", each.revision}, {"jobId", to_string(each.job)}, {"removed", each.removed}};
    if (each.time) row["time"] = format_time(*each.time);
    rows.push_back(std::move(row));
  }
  return json_answer(200, json::object{{"revisions", std::move(rows)}});
}

}  // namespace

/// GET /import/content/{job_id}/items: what became of each item, or would.
Operation list_items() {
  Operation operation;
  operation.id = "listItems";
  operation.method = "GET";
  operation.path = std::string(kBase) + "/import/content/{job_id}/items";
  operation.binding = Binding::department_or_admin;
  operation.query = {{"outcome"}, {"kind"}, {"q"}, {"limit"}, {"after"}};
  operation.handle = [](const Services& services, const Call& call) { call.finish(list(services, call)); };
  return operation;
}

/// GET /import/content/{job_id}/items/{number}: one of them, an article with its difference.
Operation get_item() {
  Operation operation;
  operation.id = "getItem";
  operation.method = "GET";
  operation.path = std::string(kBase) + "/import/content/{job_id}/items/{number}";
  operation.binding = Binding::department_or_admin;
  operation.handle = [](const Services& services, const Call& call) { call.finish(one(services, call)); };
  return operation;
}

/// GET /articles/{id}/history: its revisions, newest first.
Operation article_history() {
  return reading("getArticleHistory", "/articles/{id}/history", history);
}

}  // namespace waybill::api
