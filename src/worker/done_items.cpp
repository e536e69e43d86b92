#include "worker/done_items.h"

#include <algorithm>
#include <optional>

namespace waybill::worker {

namespace {

using knowledge::Outcome;
using report::ItemKind;

constexpr std::size_t kPage = 1'000;

NameKey key_of(ItemKind kind, std::string_view path, std::string_view language) {
  return name_key(to_string(kind), path, language);
}

bool is_in(const storage::ItemRecord& item, const PackageReading& package) {
  switch (item.kind) {
    case ItemKind::folder:
      return package.index.has_folder(item.path);
    case ItemKind::topic:
      return package.index.has_topic(item.path);
    case ItemKind::article:
      return package.index.has_article(item.path);
    default:
      return std::any_of(package.hub.portals.begin(), package.hub.portals.end(),
                         [&](const auto& portal) { return portal.item.name == item.path; });
  }
}

}  // namespace

Result<void> DoneItems::load(storage::Store& store, const JobId& job) {
  for (std::optional<JobId> each = job; each;) {
    storage::ItemFilter filter;
    filter.limit = kPage;
    for (;;) {
      WB_TRY(const auto page, store.items().list(*each, filter));
      for (const storage::ItemRecord& item : page) {
        if (item.outcome == Outcome::refused || item.outcome == Outcome::removed) continue;
        items_.emplace(key_of(item.kind, item.path, item.language), item);
      }
      if (page.size() < kPage) break;
      filter.after = page.back().number;
    }
    WB_TRY(const auto row, store.jobs().get(*each));
    each = row.target;
  }
  return {};
}

std::int64_t DoneItems::count_in(const PackageReading& package) const {
  return std::count_if(items_.begin(), items_.end(),
                       [&](const auto& entry) { return is_in(entry.second, package); });
}

bool DoneItems::take(ItemKind kind, std::string_view path, std::string_view language) {
  return !items_.empty() && items_.erase(key_of(kind, path, language)) == 1;
}

}  // namespace waybill::worker
