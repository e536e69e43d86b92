#include "worker/package_index.h"

#include <algorithm>
#include <functional>

namespace waybill::worker {

namespace {

// Lengths are kept in 16 bits; what is longer passes a limit of the contract and is never looked up.
constexpr std::size_t kLongest = 0xFFFF;

std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

std::uint16_t append(std::string& text, std::string_view part) {
  part = part.substr(0, kLongest);
  text += part;
  return static_cast<std::uint16_t>(part.size());
}

}  // namespace

std::string_view PackageIndex::folder(const Entry& e) const {
  return std::string_view(text_).substr(e.start, e.folder);
}
std::string_view PackageIndex::name(const Entry& e) const {
  return std::string_view(text_).substr(e.start + e.folder, e.name);
}
std::string_view PackageIndex::language(const Entry& e) const {
  return std::string_view(text_).substr(e.start + e.folder + e.name, e.language);
}
std::string_view PackageIndex::content(const Entry& e) const {
  return std::string_view(text_).substr(e.start + e.folder + e.name + e.language, e.content);
}

void PackageIndex::add(const validation::CheckedArticle& article) {
  const auto number = count();
  const knowledge::Article& item = article.item;
  Entry entry;
  entry.start = text_.size();
  entry.folder = append(text_, item.folder);
  entry.name = append(text_, item.name);
  entry.language = append(text_, item.language);
  entry.content = append(text_, item.content_path);
  entry.acceptable = !item.folder.empty() && !item.name.empty();
  entries_.push_back(entry);
  if (!item.macro.empty()) {
    const auto [first, fresh] = macros_.emplace(item.macro, number);
    if (!fresh) macro_duplicates_.emplace(number, first->second);
  }
  if (!item.type_name.empty()) types_.emplace(item.type_name, number);
}

void PackageIndex::finish() {
  by_path_.reserve(entries_.size());
  by_content_.reserve(entries_.size());
  for (std::uint32_t number = 0; number < count(); ++number) {
    const Entry& entry = entries_[number];
    if (entry.acceptable)
      by_path_.emplace_back(hash_of(std::string(folder(entry)) + "/" + std::string(name(entry))), number);
    if (entry.content > 0) by_content_.emplace_back(hash_of(content(entry)), number);
  }
  std::sort(by_path_.begin(), by_path_.end());
  std::sort(by_content_.begin(), by_content_.end());
  // Articles of one path stand together, earlier ones first: compare each with those before it.
  for (std::size_t i = 1; i < by_path_.size(); ++i) {
    const Entry& later = entries_[by_path_[i].second];
    for (std::size_t j = i; j-- > 0 && by_path_[j].first == by_path_[i].first;) {
      const Entry& earlier = entries_[by_path_[j].second];
      if (folder(earlier) == folder(later) && name(earlier) == name(later) &&
          language(earlier) == language(later)) {
        duplicates_.emplace(by_path_[i].second, by_path_[j].second);
        break;
      }
    }
  }
}

bool PackageIndex::has_article(std::string_view path) const {
  const std::pair<std::uint64_t, std::uint32_t> from{hash_of(path), 0};
  for (auto it = std::lower_bound(by_path_.begin(), by_path_.end(), from);
       it != by_path_.end() && it->first == from.first; ++it) {
    const Entry& entry = entries_[it->second];
    if (std::string(folder(entry)) + "/" + std::string(name(entry)) == path) return true;
  }
  return false;
}

std::optional<validation::Known::Identity> PackageIndex::article_of_content(std::string_view path) const {
  const std::pair<std::uint64_t, std::uint32_t> from{hash_of(path), 0};
  for (auto it = std::lower_bound(by_content_.begin(), by_content_.end(), from);
       it != by_content_.end() && it->first == from.first; ++it) {
    const Entry& entry = entries_[it->second];
    if (content(entry) == path) {
      return validation::Known::Identity{std::string(folder(entry)), std::string(name(entry)),
                                         std::string(language(entry))};
    }
  }
  return std::nullopt;
}

namespace {

std::optional<std::uint32_t> look_up(const std::unordered_map<std::uint32_t, std::uint32_t>& map,
                                     std::uint32_t key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::optional<std::uint32_t> PackageIndex::duplicate_of(std::uint32_t article) const {
  return look_up(duplicates_, article);
}
std::optional<std::uint32_t> PackageIndex::macro_duplicate_of(std::uint32_t article) const {
  return look_up(macro_duplicates_, article);
}

std::optional<std::uint32_t> PackageIndex::first_of_type(std::string_view type_name) const {
  const auto found = types_.find(std::string(type_name));
  if (found == types_.end()) return std::nullopt;
  return found->second;
}

}  // namespace waybill::worker
