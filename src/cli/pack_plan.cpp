#include "cli/pack_plan.h"

#include "base/text.h"
#include "cli/console.h"
#include "cli/page_text.h"

namespace waybill::cli {

namespace {

// Limits of the contract, section 3.
constexpr std::size_t kMaxDepth = 20;
constexpr std::size_t kMaxItems = 100'000;
constexpr std::size_t kMaxTopics = 50'000;
constexpr std::size_t kMaxTopicsUnderOne = 2'500;
constexpr std::size_t kMaxName = 255;

/// Names that are taken in one place; a second one gets " (2)".
class Names {
 public:
  std::string take(const std::string& wanted) {
    if (taken_.insert(wanted).second) return wanted;
    for (int number = 2;; ++number) {
      const std::string mark = " (" + std::to_string(number) + ")";
      std::string name = clean_name(wanted, kMaxName - mark.size()) + mark;
      if (taken_.insert(name).second) return name;
    }
  }

 private:
  std::unordered_set<std::string> taken_;
};

/// Makes folders of directories, and names that are unique in each.
class Builder {
 public:
  Builder(PackPlan& plan, const std::string& top) : plan_(plan) {
    plan_.folders.push_back({.name = top, .path = top, .children = {}});
    places_.emplace_back();
  }

  void add(const std::string& page, const Rewritten& rewritten) {
    const std::size_t slash = page.rfind('/');
    const std::string file = slash == std::string::npos ? page : page.substr(slash + 1);
    std::string name = clean_name(rewritten.title);
    if (name.empty()) name = first_heading(rewritten.body);
    if (name.empty()) name = clean_name(file.substr(0, file.rfind('.')));
    if (name.empty()) name = clean_name(file);
    const std::size_t folder = slash == std::string::npos ? 0 : folder_of(page.substr(0, slash));
    plan_.folders[folder].has_pages = true;
    plan_.pages.push_back({.source = page,
                           .name = places_[folder].pages.take(name),
                           .folder = folder,
                           .size = rewritten.body.size()});
  }

 private:
  struct Place {
    Names pages, folders;
    std::size_t depth = 1;
  };

  /// Directories below the deepest level allowed share that level's folder.
  std::size_t folder_of(const std::string& directory) {
    if (const auto known = by_directory_.find(directory); known != by_directory_.end()) return known->second;
    const std::size_t slash = directory.rfind('/');
    const std::size_t parent = slash == std::string::npos ? 0 : folder_of(directory.substr(0, slash));
    std::size_t folder = parent;
    if (places_[parent].depth < kMaxDepth) {
      std::string name = clean_name(directory.substr(slash == std::string::npos ? 0 : slash + 1));
      if (name.empty()) name = "_";
      name = places_[parent].folders.take(name);
      folder = plan_.folders.size();
      plan_.folders.push_back(
          {.name = name, .path = plan_.folders[parent].path + "/" + name, .children = {}});
      plan_.folders[parent].children.push_back(folder);
      places_.push_back({.pages = {}, .folders = {}, .depth = places_[parent].depth + 1});
    }
    by_directory_.emplace(directory, folder);
    return folder;
  }

  PackPlan& plan_;
  std::vector<Place> places_;  // beside plan_.folders
  std::unordered_map<std::string, std::size_t> by_directory_;
};

Error over(std::string_view what, std::size_t found, std::size_t limit) {
  return {ErrorCode::invalid_argument,
          "the package would have " + with_commas(static_cast<std::int64_t>(found)) + " " +
              std::string(what) + ", at most " + with_commas(static_cast<std::int64_t>(limit)) +
              " are allowed. Pack parts of the tree one by one."};
}

Result<void> check_limits(const PackPlan& plan) {
  const std::size_t items = plan.pages.size() + 2 * plan.folders.size() + 1;
  if (items > kMaxItems) return over("items", items, kMaxItems);
  if (plan.folders.size() > kMaxTopics) return over("topics", plan.folders.size(), kMaxTopics);
  for (const PackedFolder& folder : plan.folders) {
    if (folder.children.size() > kMaxTopicsUnderOne) {
      return over("topics under \"" + escape_controls(folder.path) + "\"", folder.children.size(),
                  kMaxTopicsUnderOne);
    }
  }
  return {};
}

}  // namespace

Result<PackPlan> plan_package(const SourceTree& tree, const std::string& top_folder,
                              const std::function<bool(std::size_t pages)>& progress) {
  PackPlan plan;
  Builder builder(plan, clean_name(top_folder));
  package::HtmlContent scratch;
  for (const std::string& page : tree.pages()) {
    bool converted = false;
    WB_TRY(std::string body, tree.read_page(page, converted));
    Rewritten rewritten = rewrite_page(tree, page, std::move(body), scratch);
    builder.add(page, rewritten);
    plan.resources.insert(rewritten.resources.begin(), rewritten.resources.end());
    plan.broken_references += rewritten.broken;
    plan.converted_pages += converted ? 1 : 0;
    if (!progress(plan.pages.size())) return Error{ErrorCode::cancelled, "interrupted"};
  }
  WB_CHECK_OK(check_limits(plan));
  return plan;
}

}  // namespace waybill::cli
