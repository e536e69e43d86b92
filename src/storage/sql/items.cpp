#include "storage/sql/items.h"

#include <limits>

#include "base/text.h"
#include "storage/packed.h"
#include "storage/sql/article_json.h"
#include "storage/sql/item_past.h"

namespace waybill::storage::sql {

namespace {

using knowledge::Article;
using report::ItemKind;

ItemRecord read_item(const Query& row) {
  ItemRecord item;
  item.number = row.integer(0);
  item.kind = static_cast<ItemKind>(row.integer(1));
  item.outcome = static_cast<knowledge::Outcome>(row.integer(2));
  if (!row.is_null(3)) item.id = KnowledgeId(row.integer(3));
  item.path = row.string(4);
  item.language = row.string(5);
  return item;
}

void set_identity(const ItemRecord& item, Article& article) {
  const auto [folder, name] = split_path(item.path);
  article.folder = std::string(folder);
  article.name = std::string(name);
  article.language = item.language;
}

/// One row of article_revisions.
struct Content {
  JobId job;
  std::optional<std::int64_t> previous;
  bool removed = false;
  Article article;
};

Result<Content> read_content(Connection& reader, std::int64_t change, const ItemRecord& item) {
  Query row(reader, Sql::get_revision, change);
  WB_TRY(const bool there, row.step());
  if (!there) return Error{ErrorCode::corrupt, "a revision of " + item.path + " is lost: restore a backup"};
  Content content{row.job_id(0), row.optional_integer(1), row.integer(2) != 0, {}};
  set_identity(item, content.article);
  content.article.macro = row.string(3);
  WB_CHECK_OK(read_article_metadata(row.text(4), content.article));
  WB_TRY(content.article.body, unpack(row.text(5), row.optional_integer(8)));
  return content;
}

Result<std::optional<std::int64_t>> newest_change(Connection& reader, const ItemRecord& item) {
  if (!item.id) return std::optional<std::int64_t>();
  Query query(reader, Sql::newest_revision, *item.id);
  WB_TRY(const bool row, query.step());
  return row ? query.optional_integer(0) : std::nullopt;
}

Result<Versions> would_be(Connection& reader, const JobId& job, const ItemRecord& item) {
  Versions versions;
  WB_TRY(const auto change, newest_change(reader, item));
  if (change) {
    WB_TRY(Content now, read_content(reader, *change, item));
    if (!now.removed) versions.before = std::move(now.article);
  }
  if (item.outcome == knowledge::Outcome::unchanged) {
    versions.after = versions.before;
    return versions;
  }
  Query row(reader, Sql::get_content, job, item.number);
  WB_TRY(const bool there, row.step());
  if (!there) return Error{ErrorCode::not_found, "what this validation would have written is not kept"};
  Article& after = versions.after.emplace();
  set_identity(item, after);
  after.macro = row.string(0);
  WB_CHECK_OK(read_article_metadata(row.text(1), after));
  WB_TRY(after.body, unpack(row.text(3), row.integer(2)));
  return versions;
}

/// Back along the revisions to the one that the job wrote.
Result<Versions> as_written(Connection& reader, const JobId& job, const ItemRecord& item) {
  Versions versions;
  WB_TRY(auto change, newest_change(reader, item));
  while (change) {
    WB_TRY(Content content, read_content(reader, *change, item));
    if (content.job != job) {
      change = content.previous;
      continue;
    }
    if (!content.removed) versions.after = std::move(content.article);
    if (content.previous) {
      WB_TRY(Content before, read_content(reader, *content.previous, item));
      if (!before.removed) versions.before = std::move(before.article);
    }
    return versions;
  }
  return Error{ErrorCode::not_found, "this job has not written the article"};
}

}  // namespace

Result<void> write_item(Connection& writer, std::int64_t job_number, const ItemRecord& item,
                        const std::optional<KnowledgeId>& id) {
  return Query(writer, Sql::insert_item, job_number, item.number, static_cast<int>(item.kind),
               static_cast<int>(item.outcome), id, item.path, item.language)
      .run();
}

Result<void> write_content(Connection& writer, std::int64_t job_number, const WouldBe& article) {
  const knowledge::Packed& body = article.content.body;
  return Query(writer, Sql::insert_content, job_number, article.number, article.macro,
               article.content.metadata, static_cast<std::int64_t>(body.size), Blob{body.bytes})
      .run();
}

Result<std::vector<ItemRecord>> Items::list(const JobId& job, const ItemFilter& filter) {
  std::optional<int> outcome, kind;
  if (filter.outcome) outcome = static_cast<int>(*filter.outcome);
  if (filter.kind) kind = static_cast<int>(*filter.kind);
  const std::string text = to_lower(filter.text);
  const std::int64_t start = filter.newest_first ? std::numeric_limits<std::int64_t>::max() : 0;
  return database_.read([&](Connection& reader) -> Result<std::vector<ItemRecord>> {
    std::vector<ItemRecord> items;
    Query query(reader, filter.newest_first ? Sql::list_items_backwards : Sql::list_items, job,
                filter.after.value_or(start), to_limit(filter.limit), outcome, kind, text);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return items;
      items.push_back(read_item(query));
    }
  });
}

Result<ItemRecord> Items::get(const JobId& job, std::int64_t number) {
  return database_.read([&](Connection& reader) -> Result<ItemRecord> {
    Query query(reader, Sql::get_item, job, number);
    WB_TRY(const bool row, query.step());
    if (!row) return Error{ErrorCode::not_found, "the job has no item " + std::to_string(number)};
    return read_item(query);
  });
}

Result<std::vector<OutcomeCount>> Items::counts(const JobId& job) {
  return database_.read([&](Connection& reader) -> Result<std::vector<OutcomeCount>> {
    std::vector<OutcomeCount> counts;
    Query query(reader, Sql::count_items, job);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return counts;
      counts.push_back({static_cast<ItemKind>(query.integer(0)),
                        static_cast<knowledge::Outcome>(query.integer(1)), query.integer(2)});
    }
  });
}

Result<Standing> Items::standing(const Department& department, const ItemRecord& item, const JobId& job) {
  return database_.read([&](Connection& reader) { return find_standing(reader, department, item, job); });
}

Result<std::optional<KnowledgeId>> Items::taken(const Department& department, const ItemRecord& item) {
  return database_.read([&](Connection& reader) -> Result<std::optional<KnowledgeId>> {
    const auto read = [](Query& query) -> Result<std::optional<KnowledgeId>> {
      WB_TRY(const bool row, query.step());
      return row ? std::optional(KnowledgeId(query.integer(0))) : std::nullopt;
    };
    if (item.kind == ItemKind::article) {
      const auto [folder, name] = split_path(item.path);
      Query query(reader, Sql::find_article, department, folder, name, item.language);
      return read(query);
    }
    const Sql sql = item.kind == ItemKind::folder  ? Sql::find_folder
                    : item.kind == ItemKind::topic ? Sql::find_topic
                                                   : Sql::find_portal;
    Query query(reader, sql, department, item.path);
    return read(query);
  });
}

Result<bool> Items::macro_is_free(const Department& department, std::string_view macro, KnowledgeId but,
                                  const JobId& job) {
  return database_.read([&](Connection& reader) -> Result<bool> {
    Query query(reader, Sql::other_macro_holders, department, macro, but);
    for (;;) {
      WB_TRY(const bool row, query.step());
      if (!row) return true;
      WB_TRY(const bool own,
             stands_by(reader, department, ItemKind::article, KnowledgeId(query.integer(0)), job));
      if (!own) return false;
    }
  });
}

Result<Versions> Items::versions(const JobId& job, bool validation, const ItemRecord& item) {
  return database_.read([&](Connection& reader) {
    return validation ? would_be(reader, job, item) : as_written(reader, job, item);
  });
}

Result<std::vector<Revision>> Items::history(const Department& department, KnowledgeId article) {
  return database_.read([&](Connection& reader) -> Result<std::vector<Revision>> {
    Query here(reader, Sql::article_here, article, department);
    WB_TRY(const bool there, here.step());
    if (!there) return Error{ErrorCode::not_found, "there is no article " + to_string(article)};
    std::optional<std::int64_t> change = here.integer(0);
    std::vector<Revision> revisions;
    while (change) {
      Query row(reader, Sql::describe_revision, *change);
      WB_TRY(const bool found, row.step());
      if (!found) break;
      revisions.push_back({row.integer(0), row.job_id(1), row.optional_time(2), row.integer(3) != 0});
      change = row.optional_integer(4);
    }
    return revisions;
  });
}

}  // namespace waybill::storage::sql
