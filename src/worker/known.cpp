#include "worker/known.h"

#include <algorithm>

namespace waybill::worker {

namespace {

constexpr std::size_t kNames = 200;  // for "did you mean"

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view last_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

PackageKnown::PackageKnown(const Options& options, const Department& department,
                           const package::FileTree& files, const validation::Hub& hub,
                           const PackageIndex& index, knowledge::KnowledgeBase& base)
    : options_(options), department_(department), files_(files), index_(index), base_(base) {
  for (const auto& folder : hub.folders) {
    if (folder.acceptable) folders_.insert(folder.item.path);
  }
  for (const auto& topic : hub.topics) {
    if (topic.acceptable) topics_.insert(topic.item.path);
  }
}

template <typename Ask>
bool PackageKnown::cached(std::unordered_map<std::string, bool>& cache, std::string_view key, Ask ask) const {
  const std::string name(key);
  {
    const std::lock_guard lock(mutex_);
    const auto found = cache.find(name);
    if (found != cache.end()) return found->second;
  }
  const Result<bool> answer = ask(name);
  const std::lock_guard lock(mutex_);
  if (!answer) {
    if (!failure_) failure_ = answer.error();
    return false;
  }
  cache.emplace(name, *answer);
  return *answer;
}

namespace {

Result<bool> is_there(Result<std::optional<knowledge::Existing>> found) {
  if (!found) return found.error();
  return found->has_value();
}

}  // namespace

bool PackageKnown::folder(std::string_view path) const {
  if (folders_.contains(std::string(path))) return true;
  return cached(base_folders_, path,
                [&](const std::string& key) { return is_there(base_.find_folder(department_, key)); });
}

bool PackageKnown::article(std::string_view path) const {
  if (index_.has_article(path)) return true;
  const auto folder = parent_of(path);
  if (folder.empty()) return false;
  return cached(base_articles_, path, [&](const std::string& key) {
    return base_.has_article(department_, parent_of(key), last_of(key));
  });
}

bool PackageKnown::topic(std::string_view path) const {
  if (topics_.contains(std::string(path))) return true;
  return cached(base_topics_, path,
                [&](const std::string& key) { return is_there(base_.find_topic(department_, key)); });
}

bool PackageKnown::language_enabled(std::string_view code) const {
  return !options_.language_enabled || options_.language_enabled(department_, code);
}

bool PackageKnown::article_type(std::string_view name) const {
  return cached(base_types_, name,
                [&](const std::string& key) { return base_.has_article_type(department_, key); });
}

std::vector<std::string> PackageKnown::folder_names(std::string_view parent) const {
  std::set<std::string> names;
  for (const std::string& path : folders_) {
    if (parent_of(path) == parent) names.emplace(last_of(path));
  }
  if (auto found = base_.folder_names(department_, parent)) names.insert(found->begin(), found->end());
  std::vector<std::string> result(names.begin(), names.end());
  result.resize(std::min(result.size(), kNames));
  return result;
}

std::optional<std::uint64_t> PackageKnown::file(std::string_view path) const {
  const auto found = files_.find(std::string(kArticlesFolder) + std::string(path));
  if (!found) return std::nullopt;
  return files_.size(*found);
}

std::vector<std::string> PackageKnown::file_names(std::string_view folder) const {
  const std::lock_guard lock(mutex_);
  if (!names_by_folder_) {
    names_by_folder_.emplace();
    for (package::FileIndex file = 0; file < files_.count(); ++file) {
      std::string_view path = files_.path(file);
      if (!path.starts_with(kArticlesFolder)) continue;
      path.remove_prefix(kArticlesFolder.size());
      auto& names = (*names_by_folder_)[std::string(parent_of(path))];
      if (names.size() < kNames) names.emplace_back(last_of(path));
    }
  }
  const auto found = names_by_folder_->find(folder);
  return found == names_by_folder_->end() ? std::vector<std::string>() : found->second;
}

std::optional<validation::Known::Identity> PackageKnown::article_of_content(std::string_view path) const {
  return index_.article_of_content(path);
}

std::optional<Error> PackageKnown::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace waybill::worker
