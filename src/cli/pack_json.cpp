#include "cli/pack_json.h"

#include <boost/json.hpp>

namespace waybill::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kArticlesAPiece = 500;

json::object folder_object(const PackPlan& plan, std::size_t at) {
  const PackedFolder& folder = plan.folders[at];
  json::object object{{"name", folder.name}};
  if (!folder.children.empty()) {
    json::array children;
    for (const std::size_t child : folder.children) children.push_back(folder_object(plan, child));
    object.emplace("folders", std::move(children));
  }
  return object;
}

json::object topic_object(const PackPlan& plan, std::size_t at) {
  const PackedFolder& folder = plan.folders[at];
  json::object object{{"name", folder.name}};
  if (folder.has_pages) {
    object.emplace("addArticles",
                   json::object{{"fromFolders", json::array{json::object{{"path", folder.path}}}}});
  }
  if (!folder.children.empty()) {
    json::array children;
    for (const std::size_t child : folder.children) children.push_back(topic_object(plan, child));
    object.emplace("topics", std::move(children));
  }
  return object;
}

/// One line of articles.json, with what separates it from its neighbours.
std::string article_line(const PackPlan& plan, std::size_t at) {
  const PackedPage& page = plan.pages[at];
  const json::object article{{"name", page.name},
                             {"folder", json::object{{"path", plan.folders[page.folder].path}}},
                             {"content", "content/" + page.source}};
  return (at == 0 ? "{\"articles\": [\n" : ",\n") + json::serialize(article) +
         (at + 1 == plan.pages.size() ? "\n]}\n" : "");
}

}  // namespace

std::string manifest_json(const PackPlan& plan, const PackAbout& about) {
  json::object manifest{
      {"formatVersion", "1.0"}, {"name", about.name}, {"generator", "waybill pack " + about.version}};
  if (about.created) manifest.emplace("createdDate", format_time(*about.created));
  manifest.emplace("language", about.language);
  manifest.emplace("counts", json::object{{"folders", plan.folders.size()},
                                          {"articles", plan.pages.size()},
                                          {"topics", plan.folders.size()},
                                          {"portals", 1}});
  return json::serialize(manifest) + "\n";
}

std::string hub_json(const PackPlan& plan, const PackAbout& about) {
  const std::string& top = plan.folders.front().path;
  const json::object portal{
      {"name", about.portal},
      {"addTopics", json::object{{"fromTopics", json::array{json::object{{"path", top}}}}}}};
  const json::object hub{{"knowledge", json::object{{"folders", json::array{folder_object(plan, 0)}},
                                                    {"topics", json::array{topic_object(plan, 0)}},
                                                    {"portals", json::array{portal}}}}};
  return json::serialize(hub) + "\n";
}

Opener articles_json(const PackPlan& plan) {
  return [&plan]() -> Result<Pieces> {
    return Pieces([&plan, at = std::size_t{0}](std::string& into) mutable -> Result<bool> {
      const std::size_t end = std::min(at + kArticlesAPiece, plan.pages.size());
      const bool more = at < end;
      for (; at < end; ++at) into += article_line(plan, at);
      return more;
    });
  };
}

std::uint64_t articles_json_size(const PackPlan& plan) {
  std::uint64_t size = 0;
  for (std::size_t at = 0; at < plan.pages.size(); ++at) size += article_line(plan, at).size();
  return size;
}

}  // namespace waybill::cli
