#include "worker/package_index.h"

#include <sodium.h>

#include <algorithm>

#include "base/hash.h"

namespace waybill::worker {

NameKey name_key(std::string_view a, std::string_view b, std::string_view c) {
  // Lengths in front: no two triples give the same bytes.
  std::string bytes;
  bytes.reserve(a.size() + b.size() + c.size() + 3 * sizeof(std::size_t));
  for (const std::string_view part : {a, b, c}) {
    const std::size_t size = part.size();
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes.append(part);
  }
  static const std::string secret = random_bytes(crypto_shorthash_siphashx24_KEYBYTES);
  NameKey key;
  static_assert(sizeof key == crypto_shorthash_siphashx24_BYTES);
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(key.data()),
                              reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                              reinterpret_cast<const unsigned char*>(secret.data()));
  return key;
}

std::uint32_t PackageIndex::Texts::number(const std::string& text) {
  const auto [at, is_new] = numbers_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
  if (is_new) texts_.push_back(&at->first);
  return at->second;
}

void PackageIndex::add_folder(std::string path) {
  folders_.push_back(std::move(path));
}

void PackageIndex::add_topic(std::string path) {
  topics_.push_back(std::move(path));
}

void PackageIndex::add_article(const knowledge::Article& article, bool acceptable) {
  const std::uint32_t number = articles_++;
  if (!article.type_name.empty()) types_.try_emplace(article.type_name, number);
  // What was not fit to be used is empty.
  if (article.folder.empty() || article.name.empty() || article.language.empty()) return;
  const NameKey identity = name_key(article.folder, article.name, article.language);
  identities_.push_back({identity, number});
  if (!article.macro.empty()) macros_.push_back({name_key(article.macro), number, identity});
  if (acceptable) paths_.push_back(name_key(article.path()));
  if (!article.content_path.empty()) {
    contents_.push_back(
        {name_key(article.content_path),
         {article_folders_.number(article.folder), languages_.number(article.language),
          static_cast<std::uint32_t>(names_.size()), static_cast<std::uint32_t>(article.name.size())}});
    names_ += article.name;
    for (const std::string* part :
         {&article.content_path, &article.folder, &article.name, &article.language}) {
      contents_hash_.update_part(*part);
    }
  }
}

void PackageIndex::finish() {
  std::sort(folders_.begin(), folders_.end());
  std::sort(topics_.begin(), topics_.end());
  std::sort(paths_.begin(), paths_.end());
  paths_.erase(std::unique(paths_.begin(), paths_.end()), paths_.end());
  // Stable: where two articles share a content file, a link to it means the first of them.
  std::stable_sort(contents_.begin(), contents_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  contents_digest_ = contents_hash_.finish();
  find_duplicates();
  find_macro_duplicates();
  for (auto* shrink : {&folders_, &topics_}) shrink->shrink_to_fit();
  paths_.shrink_to_fit();
  contents_.shrink_to_fit();
}

void PackageIndex::find_duplicates() {
  std::sort(identities_.begin(), identities_.end());
  for (std::size_t i = 0, first = 0; i < identities_.size(); ++i) {
    if (identities_[i].first != identities_[first].first) first = i;
    if (i != first) duplicates_.push_back({identities_[i].second, identities_[first].second});
  }
  std::sort(duplicates_.begin(), duplicates_.end());
  std::vector<Entry>().swap(identities_);
}

void PackageIndex::find_macro_duplicates() {
  std::sort(macros_.begin(), macros_.end(), [](const MacroEntry& a, const MacroEntry& b) {
    return a.macro != b.macro ? a.macro < b.macro : a.article < b.article;
  });
  for (std::size_t i = 0, first = 0; i < macros_.size(); ++i) {
    if (macros_[i].macro != macros_[first].macro) first = i;
    if (macros_[i].identity != macros_[first].identity) {
      macro_duplicates_.push_back({macros_[i].article, macros_[first].article});
    }
  }
  std::sort(macro_duplicates_.begin(), macro_duplicates_.end());
  std::vector<MacroEntry>().swap(macros_);
}

bool PackageIndex::has_folder(std::string_view path) const {
  return std::binary_search(folders_.begin(), folders_.end(), path);
}

bool PackageIndex::has_topic(std::string_view path) const {
  return std::binary_search(topics_.begin(), topics_.end(), path);
}

bool PackageIndex::has_article(std::string_view path) const {
  return std::binary_search(paths_.begin(), paths_.end(), name_key(path));
}

std::vector<std::string> PackageIndex::folder_names(std::string_view parent, std::size_t at_most) const {
  std::string prefix(parent);
  if (!prefix.empty()) prefix += '/';
  std::vector<std::string> names;
  auto at = std::lower_bound(folders_.begin(), folders_.end(), prefix);
  while (at != folders_.end() && at->starts_with(prefix) && names.size() < at_most) {
    const auto slash = at->find('/', prefix.size());
    if (slash == std::string::npos) {
      names.push_back(at->substr(prefix.size()));
      ++at;
    } else {  // past all that lies below: '0' follows '/'
      at = std::lower_bound(at, folders_.end(), at->substr(0, slash) + '0');
    }
  }
  return names;
}

std::optional<validation::Known::Identity> PackageIndex::article_of_content(std::string_view path) const {
  const NameKey key = name_key(path);
  const auto at =
      std::lower_bound(contents_.begin(), contents_.end(), key,
                       [](const auto& entry, const NameKey& wanted) { return entry.first < wanted; });
  if (at == contents_.end() || at->first != key) return std::nullopt;
  const Name& name = at->second;
  return validation::Known::Identity{article_folders_.text(name.folder), names_.substr(name.begin, name.size),
                                     languages_.text(name.language)};
}

namespace {

std::optional<std::uint32_t> earlier(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs,
                                     std::uint32_t article) {
  const auto at = std::lower_bound(pairs.begin(), pairs.end(), std::pair{article, std::uint32_t{0}});
  if (at == pairs.end() || at->first != article) return std::nullopt;
  return at->second;
}

}  // namespace

std::optional<std::uint32_t> PackageIndex::duplicate_of(std::uint32_t article) const {
  return earlier(duplicates_, article);
}

std::optional<std::uint32_t> PackageIndex::macro_taken_by(std::uint32_t article) const {
  return earlier(macro_duplicates_, article);
}

bool PackageIndex::first_of_type(std::string_view type_name, std::uint32_t article) const {
  const auto at = types_.find(std::string(type_name));
  return at == types_.end() || at->second == article;
}

}  // namespace waybill::worker
