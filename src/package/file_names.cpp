#include "package/file_names.h"

#include <algorithm>
#include <numeric>

namespace waybill::package {

FileIndex FileNames::add(std::string_view path) {
  text_ += path;
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  return static_cast<FileIndex>(ends_.size() - 1);
}

void FileNames::seal() {
  text_.shrink_to_fit();
  ends_.shrink_to_fit();
  sorted_.resize(ends_.size());
  std::iota(sorted_.begin(), sorted_.end(), FileIndex{0});
  // By index where equal, so that of two the later one is called the duplicate.
  std::sort(sorted_.begin(), sorted_.end(), [this](FileIndex a, FileIndex b) {
    const int order = full_path(a).compare(full_path(b));
    return order != 0 ? order < 0 : a < b;
  });
}

void FileNames::take_off_top_folder() {
  if (sorted_.empty() || is_package()) return;
  const std::string_view first = full_path(sorted_.front());
  const std::size_t slash = first.find('/');
  if (slash == std::string_view::npos) return;
  // In sorted order, what the first and the last path share all share.
  if (full_path(sorted_.back()).starts_with(first.substr(0, slash + 1))) top_ = slash + 1;
}

std::string_view FileNames::full_path(FileIndex file) const {
  const std::uint32_t begin = file == 0 ? 0 : ends_[file - 1];
  return std::string_view(text_).substr(begin, ends_[file] - begin);
}

std::size_t FileNames::lower_bound(std::string_view wanted) const {
  const auto at =
      std::lower_bound(sorted_.begin(), sorted_.end(), wanted,
                       [this](FileIndex file, std::string_view text) { return path(file) < text; });
  return static_cast<std::size_t>(at - sorted_.begin());
}

std::optional<FileIndex> FileNames::find(std::string_view wanted) const {
  const std::size_t at = lower_bound(wanted);
  if (at == sorted_.size() || path(sorted_[at]) != wanted) return std::nullopt;
  return sorted_[at];
}

bool FileNames::has_folder(std::string_view folder) const {
  const std::string prefix = std::string(folder) + "/";
  const std::size_t at = lower_bound(prefix);
  return at < sorted_.size() && path(sorted_[at]).starts_with(prefix);
}

bool FileNames::is_package() const {
  return find("manifest.json").has_value() || has_folder("knowledgehub");
}

std::vector<FileNames::Clash> FileNames::clashes() const {
  std::vector<Clash> found;
  for (std::size_t i = 1; i < sorted_.size(); ++i) {
    const std::string_view before = path(sorted_[i - 1]);
    const std::string_view here = path(sorted_[i]);
    if (here == before) {
      found.push_back({sorted_[i], sorted_[i - 1]});
      continue;
    }
    // Only folders that the path before is not in: the others were looked at there. A path that is itself the
    // folder shares all its bytes, so the slash right behind what is shared counts too.
    const auto shared = static_cast<std::size_t>(
        std::mismatch(before.begin(), before.end(), here.begin(), here.end()).first - before.begin());
    for (std::size_t slash = here.find('/', shared); slash != std::string_view::npos;
         slash = here.find('/', slash + 1)) {
      if (const auto file = find(here.substr(0, slash))) found.push_back({*file, sorted_[i]});
    }
  }
  return found;
}

}  // namespace waybill::package
