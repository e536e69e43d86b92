#include "storage/sql/item_past.h"

#include <vector>

namespace waybill::storage::sql {

namespace {

using report::ItemKind;

Sql now_of(ItemKind kind) {
  if (kind == ItemKind::folder) return Sql::folder_now;
  if (kind == ItemKind::article) return Sql::article_now;
  return kind == ItemKind::topic ? Sql::topic_now : Sql::portal_now;
}

/// Whether one of the items that the query gives is not the job's.
Result<bool> has_another(Connection& reader, const Department& department, ItemKind kind, Sql inside,
                         KnowledgeId id, const JobId& job) {
  Query query(reader, inside, id, job);
  for (;;) {
    WB_TRY(const bool row, query.step());
    if (!row) return false;
    WB_TRY(const bool own, stands_by(reader, department, kind, KnowledgeId(query.integer(0)), job));
    if (!own) return true;
  }
}

Result<bool> is_used_by_others(Connection& reader, const Department& department, const ItemRecord& item,
                               const JobId& job) {
  if (item.kind == ItemKind::topic) {
    return has_another(reader, department, ItemKind::topic, Sql::topics_in_topic, *item.id, job);
  }
  if (item.kind != ItemKind::folder) return false;
  WB_TRY(const bool found,
         has_another(reader, department, ItemKind::article, Sql::articles_in_folder, *item.id, job));
  if (found) return true;
  return has_another(reader, department, ItemKind::folder, Sql::folders_in_folder, *item.id, job);
}

void set_before(const std::optional<PastVersion>& before, Standing& standing) {
  if (!before || before->removed) return;
  standing.before = before->number;
  standing.macro_before = before->macro;
}

}  // namespace

Result<std::optional<PastVersion>> ItemPast::read(Query query) {
  WB_TRY(const bool row, query.step());
  if (!row) return std::optional<PastVersion>();
  return std::optional(PastVersion{query.integer(0), query.job_id(1), query.optional_integer(2),
                                   query.optional_integer(3), query.integer(4) != 0, query.string(5)});
}

Result<std::optional<PastVersion>> ItemPast::now(const Department& department) {
  return read(Query(reader_, now_of(kind_), id_, department));
}

Result<std::optional<PastVersion>> ItemPast::at_last() {
  return read(Query(reader_, kind_ == ItemKind::article ? Sql::article_at_last : Sql::item_at_last, id_));
}

Result<std::optional<PastVersion>> ItemPast::then(std::int64_t number) {
  return read(Query(reader_, kind_ == ItemKind::article ? Sql::article_then : Sql::item_then, id_, number));
}

Result<std::optional<PastVersion>> ItemPast::written_by(const JobId& job, PastVersion& version) {
  std::optional<PastVersion> found;
  for (;;) {
    if (!found && version.job == job) found = version;
    if (!version.copy_of) return found;
    WB_TRY(auto copied, then(*version.copy_of));
    if (!copied) return found;
    version = std::move(*copied);
  }
}

Result<bool> ItemPast::is_below(const JobId& job, PastVersion oldest) {
  while (!oldest.removed && oldest.previous) {
    WB_TRY(auto before, then(*oldest.previous));
    if (!before) return false;
    oldest = std::move(*before);
    WB_TRY(const auto found, written_by(job, oldest));
    if (found) return true;
  }
  return false;
}

Result<bool> stands_by(Connection& reader, const Department& department, ItemKind kind, KnowledgeId id,
                       const JobId& job) {
  ItemPast past(reader, kind, id);
  WB_TRY(auto version, past.now(department));
  if (!version) return false;
  WB_TRY(const auto found, past.written_by(job, *version));
  return found.has_value();
}

Result<Standing> find_standing(Connection& reader, const Department& department, const ItemRecord& item,
                               const JobId& job) {
  Standing standing;
  if (!item.id) return standing;
  ItemPast past(reader, item.kind, *item.id);
  WB_TRY(auto version, past.now(department));
  if (!version) {
    WB_TRY(const auto last, past.at_last());
    set_before(last, standing);
    return standing;
  }
  standing.there = true;
  WB_TRY(const auto own, past.written_by(job, *version));
  standing.writer = version->job;
  if (!own) {
    WB_TRY(const bool below, past.is_below(job, *version));
    standing.place = below ? Standing::Place::below : Standing::Place::none;
    return standing;
  }
  standing.place = Standing::Place::top;
  if (own->previous) {
    WB_TRY(const auto before, past.then(*own->previous));
    set_before(before, standing);
  }
  if (item.outcome == knowledge::Outcome::created) {
    WB_TRY(standing.used_by_others, is_used_by_others(reader, department, item, job));
  }
  return standing;
}

}  // namespace waybill::storage::sql
