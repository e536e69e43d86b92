#include "base/text.h"
#include "validation/checks.h"
#include "validation/item_path.h"
#include "validation/members.h"
#include "validation/nearest_file.h"

namespace waybill::validation {

using report::ItemKind;
using report::Location;
using report::Rule;

namespace {

std::string join(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty()) path += '/';
  return path += name;
}

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

/// Walks a path from the top, taking at each step the name that exists or the nearest to it.
struct Walk {
  std::string path;       // how far it came
  bool complete = false;  // to the end: a folder that exists
};
Walk walk_folders(std::string_view path, const Known& known) {
  Walk walk;
  for (const auto name : split(path, '/')) {
    if (name.empty()) continue;
    std::string next = join(walk.path, name);
    if (!known.folder(next)) {
      const auto names = known.folder_names(walk.path);
      const auto near = nearest(name, views(names));
      if (!near) return walk;
      next = join(walk.path, *near);
    }
    walk.path = std::move(next);
  }
  walk.complete = !walk.path.empty() && known.folder(walk.path);
  return walk;
}

/// What to do about a folder that does not exist: the one that is meant, the nearest above it, or those at
/// the top.
std::string folder_advice(std::string_view path, const Known& known) {
  constexpr std::size_t kListed = 5;
  const Walk walk = walk_folders(path, known);
  if (walk.complete) return did_you_mean(walk.path);
  if (!walk.path.empty()) return "The nearest that exists is " + quoted(walk.path) + ".";
  const auto names = known.folder_names("");
  std::string advice;
  for (std::size_t i = 0; i < names.size() && i < kListed; ++i) {
    advice += (i == 0 ? "Folders at the top: " : ", ") + quoted(names[i]);
  }
  if (names.size() > kListed) advice += ", …";
  return advice.empty() ? advice : advice + ".";
}

/// Makes the findings of one item whose places are known already; bounded like Reporter's.
class Adder {
 public:
  Adder(ItemKind kind, std::string item, Findings& findings)
      : kind_(kind), item_(std::move(item)), findings_(findings) {}
  bool has_room() const { return made_ < Reporter::kMostOfOneRule; }
  void add(Rule rule, const Location& location, std::string message, std::string advice) {
    if (made_++ > Reporter::kMostOfOneRule) return;
    if (made_ > Reporter::kMostOfOneRule) message = "There are more references like these here.";
    if (advice.empty()) advice = report::info(rule).remedy;
    findings_.push_back({rule, kind_, item_, location, std::move(message), std::move(advice)});
  }

 private:
  ItemKind kind_;
  std::string item_;
  Findings& findings_;
  std::size_t made_ = 0;
};

}  // namespace

std::string nearest_file(std::string_view path, const KnownFiles& known) {
  const auto exists = [&](std::string_view candidate) { return known.file(candidate).has_value(); };
  // Given from the package's top, below another top folder, or as a URL.
  if (const auto at = path.find("articles/"); at != std::string_view::npos) {
    const auto below = path.substr(at + std::string_view("articles/").size());
    if (exists(below)) return std::string(below);
  }
  for (const std::string_view folder : {"content", "resources", "inline_resources"}) {
    if (auto candidate = join(folder, path); exists(candidate)) return candidate;
  }
  if (const auto decoded = percent_decode(path); decoded && *decoded != path && exists(*decoded))
    return *decoded;
  const auto names = known.file_names(parent_of(path));
  const auto near = nearest(name_of(path), views(names));
  return near ? join(parent_of(path), *near) : std::string();
}

namespace {

std::string file_advice(std::string_view path, const Known& known) {
  const std::string near = nearest_file(path, known);
  return near.empty() ? near : did_you_mean(near);
}

void check_attachment(const AttachmentPlace& attachment, const Known& known, Adder& adder) {
  const auto size = known.file(attachment.path);
  if (!size) {
    adder.add(Rule::attachment_missing, attachment.location,
              "The attachment " + quoted(attachment.path) + " is not in the package.",
              adder.has_room() ? file_advice(attachment.path, known) : std::string());
  } else if (*size == 0) {
    adder.add(Rule::attachment_size, attachment.location,
              "The attachment " + quoted(attachment.path) + " is empty.", {});
  } else if (*size > Limits::kAttachmentBytes) {
    adder.add(Rule::attachment_size, attachment.location,
              "The attachment " + quoted(attachment.path) + " has " + std::to_string(*size) +
                  " bytes, at most " + std::to_string(Limits::kAttachmentBytes) + " (25 MiB) are allowed.",
              {});
  }
}

}  // namespace

void check_article_context(CheckedArticle& article, const Known& known) {
  const knowledge::Article& item = article.item;
  const std::size_t before = article.findings.size();
  Adder adder(ItemKind::article, article_item_path(item, article.location.pointer), article.findings);
  // What was not fit to be used is empty here, and has its finding.
  if (!item.folder.empty() && !known.folder(item.folder)) {
    adder.add(Rule::article_folder_unknown, article.folder_location,
              "The folder " + quoted(item.folder) + " does not exist.", folder_advice(item.folder, known));
  }
  if (!item.language.empty() && !known.language_enabled(item.language)) {
    adder.add(Rule::article_language_off, article.language_location,
              "The language " + quoted(item.language) + " is not enabled for the department.", {});
  }
  if (!item.type_name.empty() && !known.article_type(item.type_name)) {
    adder.add(Rule::article_type_new, article.type_location,
              "The article type " + quoted(item.type_name) + " is new and will be made.", {});
  }
  if (!item.content_path.empty() && !known.file(item.content_path)) {
    adder.add(Rule::article_content_missing, article.content_location,
              "The content file " + quoted(item.content_path) + " is not in the package.",
              file_advice(item.content_path, known));
  }
  for (const AttachmentPlace& attachment : article.attachments) check_attachment(attachment, known, adder);
  for (std::size_t i = before; i < article.findings.size(); ++i) {
    if (article.findings[i].severity() == report::Severity::error) article.acceptable = false;
  }
}

namespace {

std::string article_advice(std::string_view path, const Known& known) {
  if (known.folder(path)) return "That is a folder: name it in \"fromFolders\".";
  const std::string_view folder = parent_of(path);
  if (folder.empty()) return {};
  const Walk walk = walk_folders(folder, known);
  if (!walk.complete) return folder_advice(folder, known);
  if (const std::string meant = join(walk.path, name_of(path)); known.article(meant))
    return did_you_mean(meant);
  return "The folder " + quoted(walk.path) + " exists: look there for the article's exact name.";
}

std::string topic_advice(std::string_view path, const Known& known) {
  if (known.folder(path)) return "That is a folder: name it in \"fromFolders\".";
  const auto from = path.find_first_not_of('/');
  if (from == std::string_view::npos) return {};
  const auto trimmed = path.substr(from, path.find_last_not_of('/') - from + 1);
  return trimmed != path && known.topic(trimmed) ? did_you_mean(trimmed) : std::string();
}

void check_folders(const std::vector<std::string>& folders, const std::vector<Location>& places, Rule rule,
                   const Known& known, Adder adder) {
  for (std::size_t i = 0; i < folders.size(); ++i) {
    if (known.folder(folders[i])) continue;
    adder.add(rule, places[i], "The folder " + quoted(folders[i]) + " does not exist.",
              adder.has_room() ? folder_advice(folders[i], known) : std::string());
  }
}

}  // namespace

void check_topic_context(CheckedTopic& topic, const Known& known) {
  const Adder fresh(ItemKind::topic, topic.item.path, topic.findings);
  Adder adder = fresh;
  for (std::size_t i = 0; i < topic.item.articles.size(); ++i) {
    const std::string& path = topic.item.articles[i];
    if (known.article(path)) continue;
    adder.add(Rule::topic_article_unknown, topic.places.articles[i],
              "The article " + quoted(path) + " does not exist.",
              adder.has_room() ? article_advice(path, known) : std::string());
  }
  check_folders(topic.item.folders, topic.places.folders, Rule::topic_folder_unknown, known, fresh);
}

void check_portal_context(CheckedPortal& portal, const Known& known) {
  const Adder fresh(ItemKind::portal, portal.item.name, portal.findings);
  Adder adder = fresh;
  for (std::size_t i = 0; i < portal.item.topics.size(); ++i) {
    const std::string& path = portal.item.topics[i];
    if (known.topic(path)) continue;
    adder.add(Rule::portal_topic_unknown, portal.places.topics[i],
              "The topic " + quoted(path) + " does not exist.",
              adder.has_room() ? topic_advice(path, known) : std::string());
  }
  check_folders(portal.item.folders, portal.places.folders, Rule::portal_folder_unknown, known, fresh);
}

}  // namespace waybill::validation
