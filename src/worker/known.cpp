#include "worker/known.h"

#include <algorithm>

namespace waybill::worker {

namespace {

constexpr std::size_t kNamesShown = 200;
constexpr std::size_t kCached = 4'096;  // answers, of each kind

}  // namespace

FilesByPath::FilesByPath(const package::FileTree& files) : files_(files) {
  for (std::size_t i = 0; i < files.count(); ++i) {
    const auto file = static_cast<package::FileIndex>(i);
    if (files.path(file).starts_with(kArticlesFolder)) order_.push_back(file);
  }
  std::sort(order_.begin(), order_.end(),
            [&](package::FileIndex a, package::FileIndex b) { return files_.path(a) < files_.path(b); });
}

std::vector<std::string> FilesByPath::names(std::string_view folder, std::size_t at_most) const {
  std::string prefix(kArticlesFolder);
  prefix += folder;
  if (!prefix.ends_with('/')) prefix += '/';
  const auto from = [&](auto begin, std::string_view path) {
    return std::lower_bound(begin, order_.end(), path, [&](package::FileIndex file, std::string_view wanted) {
      return files_.path(file) < wanted;
    });
  };
  std::vector<std::string> names;
  auto at = from(order_.begin(), prefix);
  while (at != order_.end() && names.size() < at_most) {
    const std::string_view path = files_.path(*at);
    if (!path.starts_with(prefix)) break;
    const auto slash = path.find('/', prefix.size());
    if (slash == std::string_view::npos) {
      names.emplace_back(path.substr(prefix.size()));
      ++at;
    } else {  // past all that lies below: '0' follows '/'
      at = from(at, std::string(path.substr(0, slash)) + '0');
    }
  }
  return names;
}

Sha256 FilesByPath::digest() const {
  Sha256Stream all;
  for (const package::FileIndex file : order_) all.update_part(files_.path(file));
  return all.finish();
}

PackageKnown::PackageKnown(const PackageIndex& index, const package::FileTree& files,
                           const FilesByPath& by_path, knowledge::KnowledgeBase& base,
                           const Department& department, const Options& options)
    : index_(index),
      files_(files),
      by_path_(by_path),
      base_(base),
      department_(department),
      options_(options) {}

Result<void> PackageKnown::take_error() {
  if (!error_) return {};
  Error error = std::move(*error_);
  error_.reset();
  return error;
}

template <typename Ask>
bool PackageKnown::cached(Cache& cache, std::string_view name, Ask ask) const {
  const auto found = cache.find(std::string(name));
  if (found != cache.end()) return found->second;
  const Result<bool> answer = ask();
  if (!answer) {
    if (!error_) error_ = answer.error();
    return true;  // no findings from a failure: the caller drops the item
  }
  if (cache.size() >= kCached) cache.clear();
  cache.emplace(name, *answer);
  return *answer;
}

namespace {

Result<bool> is_there(const Result<std::optional<knowledge::Existing>>& found) {
  if (!found) return found.error();
  return found->has_value();
}

}  // namespace

bool PackageKnown::folder(std::string_view path) const {
  if (index_.has_folder(path)) return true;
  return cached(folders_, path, [&] { return is_there(base_.find_folder(department_, path)); });
}

bool PackageKnown::article(std::string_view path) const {
  if (index_.has_article(path)) return true;
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return false;
  return cached(articles_, path, [&] {
    return base_.has_article(department_, path.substr(0, slash), path.substr(slash + 1));
  });
}

bool PackageKnown::topic(std::string_view path) const {
  if (index_.has_topic(path)) return true;
  return cached(topics_, path, [&] { return is_there(base_.find_topic(department_, path)); });
}

bool PackageKnown::language_enabled(std::string_view code) const {
  return !options_.language_enabled || options_.language_enabled(department_, code);
}

bool PackageKnown::article_type(std::string_view name) const {
  if (!index_.first_of_type(name, article_)) return true;
  return cached(types_, name, [&] { return base_.has_article_type(department_, name); });
}

std::vector<std::string> PackageKnown::folder_names(std::string_view parent) const {
  std::vector<std::string> names = index_.folder_names(parent, kNamesShown);
  auto more = base_.folder_names(department_, parent);
  if (!more) {
    if (!error_) error_ = more.error();
    return names;
  }
  for (std::string& name : *more) {
    if (names.size() >= kNamesShown) break;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

std::optional<std::uint64_t> PackageKnown::file(std::string_view path) const {
  path_.assign(kArticlesFolder);
  path_ += path;
  const auto found = files_.find(path_);
  if (!found) return std::nullopt;
  return files_.size(*found);
}

std::vector<std::string> PackageKnown::file_names(std::string_view folder) const {
  return by_path_.names(folder, kNamesShown);
}

std::optional<validation::Known::Identity> PackageKnown::article_of_content(std::string_view path) const {
  return index_.article_of_content(path);
}

}  // namespace waybill::worker
