#include <unordered_map>

#include "base/text.h"
#include "validation/checks.h"
#include "validation/members.h"

namespace waybill::validation {

using package::JsonDocument;
using package::JsonKind;
using package::JsonValue;
using report::ItemKind;
using report::Rule;

namespace {

constexpr auto kWrapperMembers = std::to_array<Member>({
    {"$schema", JsonKind::string},  // what editors look for
    {"knowledge", JsonKind::object},
    // Beside the wrapper these are a fault of their own.
    {"folders", JsonKind::array},
    {"topics", JsonKind::array},
    {"portals", JsonKind::array},
});
constexpr auto kHubMembers = std::to_array<Member>({
    {"$schema", JsonKind::string},
    {"folders", JsonKind::array},
    {"topics", JsonKind::array},
    {"portals", JsonKind::array},
});
constexpr auto kFolderMembers = std::to_array<Member>({
    {"name", JsonKind::string},
    {"description", JsonKind::string},
    {"folders", JsonKind::array},
});
constexpr auto kTopicMembers = std::to_array<Member>({
    {"name", JsonKind::string},
    {"description", JsonKind::string},
    {"topics", JsonKind::array},
    {"addArticles", JsonKind::object},
});
constexpr auto kAddArticlesMembers =
    std::to_array<Member>({{"fromArticles", JsonKind::array}, {"fromFolders", JsonKind::array}});
constexpr auto kPortalMembers = std::to_array<Member>({
    {"name", JsonKind::string},
    {"description", JsonKind::string},
    {"addTopics", JsonKind::object},
    {"fromTopics", JsonKind::array},
});
constexpr auto kAddTopicsMembers =
    std::to_array<Member>({{"fromTopics", JsonKind::array}, {"fromFolders", JsonKind::array}});
constexpr auto kReferenceMembers = std::to_array<Member>({{"path", JsonKind::string}});

constexpr Shape kWrapper{"knowledgehub.json", Rule::hub_structure, Rule::hub_unknown_member, kWrapperMembers};
constexpr Shape kHub{"the knowledge hub", Rule::hub_structure, Rule::hub_unknown_member, kHubMembers};

/// What the rules of folders, topics and portals have in common, and where they differ.
struct Kind {
  ItemKind kind;
  std::string_view plural;  // the member that holds them
  std::string_view title;   // at the start of a message
  Shape shape;
  Rule name, duplicate;
  bool slash_in_name;
};
constexpr Kind kFolder{ItemKind::folder,
                       "folders",
                       "The folder",
                       {"a folder", Rule::folder_structure, Rule::hub_unknown_member, kFolderMembers},
                       Rule::folder_name,
                       Rule::folder_duplicate,
                       false};
constexpr Kind kTopic{ItemKind::topic,
                      "topics",
                      "The topic",
                      {"a topic", Rule::topic_structure, Rule::hub_unknown_member, kTopicMembers},
                      Rule::topic_name,
                      Rule::topic_duplicate,
                      false};
constexpr Kind kPortal{ItemKind::portal,
                       "portals",
                       "The portal",
                       {"a portal", Rule::portal_structure, Rule::hub_unknown_member, kPortalMembers},
                       Rule::portal_name,
                       Rule::portal_duplicate,
                       true};

constexpr Shape of_kind(const Kind& kind, std::string_view what, std::span<const Member> members) {
  return {what, kind.shape.type_rule, kind.shape.unknown_rule, members};
}
constexpr Shape kAddArticles = of_kind(kTopic, "\"addArticles\"", kAddArticlesMembers);
constexpr Shape kAddTopics = of_kind(kPortal, "\"addTopics\"", kAddTopicsMembers);

/// What an item stands in.
struct Parent {
  std::string path;
  std::size_t depth = 0;  // 0: the top
  bool usable = true;     // has a path: its own name and those above are acceptable
};

bool is_usable_name(const Kind& kind, const JsonValue* name) {
  return name != nullptr && !name->text.empty() && utf8_length(name->text) <= Limits::kName &&
         (kind.slash_in_name || name->text.find('/') == std::string_view::npos);
}

/// The item's own place in the tree, below which its children stand.
Parent place_of(const Kind& kind, const JsonValue& value, std::size_t index, const Parent& parent) {
  const JsonValue* name = member_of(value, "name", JsonKind::string);
  const bool usable = is_usable_name(kind, name);
  Parent place{parent.path, parent.depth + 1, parent.usable && usable};
  if (!place.path.empty()) place.path += '/';
  if (usable) {
    place.path += name->text;
  } else {
    place.path += "(no name, " + std::string(kind.plural) + "/" + std::to_string(index) + ")";
  }
  return place;
}

class HubReader {
 public:
  HubReader(const JsonDocument& document, std::string_view file) : document_(document), file_(file) {}

  Hub read() {
    Reporter whole(document_, file_, ItemKind::package, {}, hub_.findings);
    const Trail root_trail("");
    const JsonValue& root = document_.root();
    const JsonValue* knowledge = root.find("knowledge");
    if (knowledge == nullptr) {
      if (check_shape(whole, root, root_trail, kHub)) read_lists(root, root_trail);
      return std::move(hub_);
    }
    check_shape(whole, root, root_trail, kWrapper);
    for (const Kind* kind : {&kFolder, &kTopic, &kPortal}) {
      const JsonValue* beside = root.find(kind->plural);
      if (beside == nullptr) continue;
      whole.report(Rule::hub_structure, root_trail.member(kind->plural), *beside,
                   quoted(kind->plural) + " stands beside \"knowledge\", where it is not read.",
                   "Move it into \"knowledge\".");
    }
    const Trail trail = root_trail.member("knowledge");
    if (knowledge->kind == JsonKind::object) {
      check_shape(whole, *knowledge, trail, kHub);
      read_lists(*knowledge, trail);
    }
    return std::move(hub_);
  }

 private:
  void read_lists(const JsonValue& hub, const Trail& trail) {
    const Parent top;
    for_each(hub, "folders", trail, [&](auto&&... at) { read_folder(at..., top); });
    for_each(hub, "topics", trail, [&](auto&&... at) { read_topic(at..., top); });
    for_each(hub, "portals", trail, [&](auto&&... at) { read_portal(at..., top); });
  }

  template <typename Function>
  static void for_each(const JsonValue& object, std::string_view name, const Trail& trail,
                       Function function) {
    const JsonValue* list = member_of(object, name, JsonKind::array);
    if (list == nullptr) return;
    const Trail list_trail = trail.member(name);
    for (std::size_t i = 0; i < list->elements.size(); ++i) {
      function(list->elements[i], list_trail.element(i), i);
    }
  }

  // Recursion goes as deep as the JSON is nested, which the reader bounds (package::Limits::json_depth).
  void read_folder(const JsonValue& value, const Trail& trail, std::size_t index, const Parent& parent) {
    const Parent place = place_of(kFolder, value, index, parent);
    Checked<knowledge::Folder> folder;
    folder.item.path = place.path;
    Reporter reporter(document_, file_, ItemKind::folder, place.path, folder.findings);
    check_common(reporter, kFolder, value, trail, parent, place);
    check_depth(reporter, value, trail, place, Rule::folder_depth, "folders");
    folder.item.description =
        read_description(reporter, value, trail, {Rule::folder_description, 0, Limits::kFolderDescription});
    finish(std::move(folder), reporter, value, trail, hub_.folders);
    for_each(value, "folders", trail, [&](auto&&... at) { read_folder(at..., place); });
  }

  void read_topic(const JsonValue& value, const Trail& trail, std::size_t index, const Parent& parent) {
    const Parent place = place_of(kTopic, value, index, parent);
    CheckedTopic topic;
    topic.item.path = place.path;
    Reporter reporter(document_, file_, ItemKind::topic, place.path, topic.findings);
    check_common(reporter, kTopic, value, trail, parent, place);
    check_depth(reporter, value, trail, place, Rule::topic_depth, "topics");
    topic.item.description =
        read_description(reporter, value, trail, {Rule::topic_description, 0, Limits::kTopicDescription});
    if (const JsonValue* add = member_of(value, "addArticles", JsonKind::object)) {
      const Trail at = trail.member("addArticles");
      check_shape(reporter, *add, at, kAddArticles);
      read_references(reporter, kTopic, *add, "fromArticles", at, topic.item.articles, topic.places.articles);
      read_references(reporter, kTopic, *add, "fromFolders", at, topic.item.folders, topic.places.folders);
    }
    finish(std::move(topic), reporter, value, trail, hub_.topics);
    check_children(value, trail, place);
    for_each(value, "topics", trail, [&](auto&&... at) { read_topic(at..., place); });
  }

  void read_portal(const JsonValue& value, const Trail& trail, std::size_t index, const Parent& top) {
    const Parent place = place_of(kPortal, value, index, top);
    CheckedPortal portal;
    portal.item.name = place.path;
    Reporter reporter(document_, file_, ItemKind::portal, place.path, portal.findings);
    check_common(reporter, kPortal, value, trail, top, place);
    // The contract bounds no portal's description.
    portal.item.description = read_description(reporter, value, trail, {Rule::portal_structure, 0, 0});
    if (const JsonValue* add = member_of(value, "addTopics", JsonKind::object)) {
      const Trail at = trail.member("addTopics");
      check_shape(reporter, *add, at, kAddTopics);
      read_references(reporter, kPortal, *add, "fromTopics", at, portal.item.topics, portal.places.topics);
      read_references(reporter, kPortal, *add, "fromFolders", at, portal.item.folders, portal.places.folders);
    }
    read_references(reporter, kPortal, value, "fromTopics", trail, portal.item.topics, portal.places.topics);
    finish(std::move(portal), reporter, value, trail, hub_.portals);
  }

  void check_common(Reporter& reporter, const Kind& kind, const JsonValue& value, const Trail& trail,
                    const Parent& parent, const Parent& place) {
    if (check_shape(reporter, value, trail, kind.shape)) check_name(reporter, kind, value, trail);
    if (!parent.usable) {
      reporter.report(kind.name, trail, value,
                      std::string(kind.title) + " has no path: one above it has no name that can be used.",
                      "Mend the name above it first.");
    }
    if (place.usable) check_duplicate(reporter, kind, value, trail, place.path);
  }

  void check_name(Reporter& reporter, const Kind& kind, const JsonValue& value, const Trail& trail) {
    if (!require(reporter, value, trail, "name", kind.name)) return;
    const JsonValue* name = member_of(value, "name", JsonKind::string);
    if (name == nullptr) return;
    const Trail at = trail.member("name");
    check_length(reporter, *name, at, std::string(kind.title) + "'s name", {kind.name, 1, Limits::kName});
    if (kind.slash_in_name || name->text.find('/') == std::string_view::npos) return;
    reporter.report(kind.name, at, *name,
                    std::string(kind.title) + "'s name " + quoted(name->text) +
                        " has a '/', which separates the names of a path.",
                    "Nest one inside the other in " + quoted(kind.plural) + ", or take out the '/'.");
  }

  void check_duplicate(Reporter& reporter, const Kind& kind, const JsonValue& value, const Trail& trail,
                       const std::string& path) {
    const auto [first, is_new] = seen_[static_cast<std::size_t>(kind.kind)].emplace(path, value.offset);
    if (is_new) return;
    reporter.report(kind.duplicate, trail, value,
                    std::string(kind.title) + " " + quoted(path) +
                        " stands here for a second time; the first is in line " +
                        std::to_string(document_.position(first->second).line) + ".");
  }

  static void check_depth(Reporter& reporter, const JsonValue& value, const Trail& trail, const Parent& place,
                          Rule rule, std::string_view plural) {
    if (place.depth <= Limits::kDepth) return;
    reporter.report(rule, trail, value,
                    "This is level " + std::to_string(place.depth) + ", " + std::string(plural) +
                        " are nested at most " + std::to_string(Limits::kDepth) + " deep.");
  }

  void check_children(const JsonValue& value, const Trail& trail, const Parent& place) {
    const JsonValue* children = member_of(value, "topics", JsonKind::array);
    if (children == nullptr || children->elements.size() <= Limits::kTopicsUnderOne) return;
    Reporter reporter(document_, file_, ItemKind::topic, place.path, hub_.findings);
    reporter.report(Rule::topic_children_limit, trail.member("topics"), *children,
                    "The topic " + quoted(place.path) + " has " + std::to_string(children->elements.size()) +
                        " topics directly below it, at most " + std::to_string(Limits::kTopicsUnderOne) +
                        " are allowed.");
  }

  static std::string read_description(Reporter& reporter, const JsonValue& value, const Trail& trail,
                                      const TextRule& rule) {
    const JsonValue* text = member_of(value, "description", JsonKind::string);
    if (text == nullptr) return {};
    if (!check_length(reporter, *text, trail.member("description"), "\"description\"", rule)) return {};
    return std::string(text->text);
  }

  static void read_references(Reporter& reporter, const Kind& kind, const JsonValue& object,
                              std::string_view name, const Trail& trail, std::vector<std::string>& paths,
                              std::vector<report::Location>& places) {
    const Shape shape = of_kind(kind, "a reference {\"path\"}", kReferenceMembers);
    for_each(object, name, trail, [&](const JsonValue& value, const Trail& at, std::size_t) {
      if (!check_shape(reporter, value, at, shape)) return;
      require(reporter, value, at, "path", kind.shape.type_rule);
      const JsonValue* path = member_of(value, "path", JsonKind::string);
      if (path == nullptr) return;
      paths.emplace_back(path->text);
      places.push_back(reporter.locate(at.member("path"), path->offset));
    });
  }

  template <typename Item>
  static void finish(Item item, const Reporter& reporter, const JsonValue& value, const Trail& trail,
                     std::vector<Item>& into) {
    item.location = reporter.locate(trail, value.offset);
    item.acceptable = !reporter.failed();
    into.push_back(std::move(item));
  }

  const JsonDocument& document_;
  std::string_view file_;
  Hub hub_;
  // By kind: paths and where each stood first.
  std::array<std::unordered_map<std::string, std::uint32_t>, 5> seen_;
};

}  // namespace

Hub check_hub(const JsonDocument& document, std::string_view file) {
  return HubReader(document, file).read();
}

}  // namespace waybill::validation
