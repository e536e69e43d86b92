#include "storage/sql/knowledge_undo.h"

#include "storage/sql/article_json.h"

namespace waybill::storage::sql {

namespace {

using report::ItemKind;
using Action = Reversal::Action;

Error gone(const Reversal& step) {
  return {ErrorCode::internal, "an undo met an item that is not as it was looked up", to_string(step.id)};
}

class Undoer {
 public:
  Undoer(Connection& writer, const Origin& origin) : writer_(writer), origin_(origin) {}

  Result<void> begin();
  Result<void> apply(const Reversal& step);
  Result<void> end() { return store_sequences(writer_, first_, last_); }

 private:
  template <typename... Values>
  Result<void> change_one(const Reversal& step, Sql sql, const Values&... values);
  Result<void> remove(const Reversal& step);
  Result<void> restore(const Reversal& step);
  Result<void> recreate(const Reversal& step);
  Result<void> remove_article(const Reversal& step);
  Result<void> restore_article(const Reversal& step);
  Result<void> recreate_article(const Reversal& step);
  Result<void> keep(const Reversal& step);

  Connection& writer_;
  const Origin& origin_;
  Sequences first_, last_;
};

Result<void> Undoer::begin() {
  WB_TRY(first_, load_sequences(writer_));
  last_ = first_;
  return {};
}

/// Runs a statement that has to change one row.
template <typename... Values>
Result<void> Undoer::change_one(const Reversal& step, Sql sql, const Values&... values) {
  WB_CHECK_OK(Query(writer_, sql, values...).run());
  if (writer_.changes() != 1) return gone(step);
  return {};
}

Result<void> Undoer::apply(const Reversal& step) {
  if (step.kind == ItemKind::article) {
    if (step.action == Action::remove) return remove_article(step);
    return step.action == Action::restore ? restore_article(step) : recreate_article(step);
  }
  if (step.action == Action::recreate) return recreate(step);
  WB_CHECK_OK(keep(step));
  return step.action == Action::remove ? remove(step) : restore(step);
}

Result<void> Undoer::keep(const Reversal& step) {
  if (step.kind == ItemKind::folder) return change_one(step, Sql::keep_folder, step.id);
  if (step.kind == ItemKind::topic) return change_one(step, Sql::keep_topic, step.id);
  return change_one(step, Sql::keep_portal, step.id);
}

Result<void> Undoer::remove(const Reversal& step) {
  if (step.kind == ItemKind::folder) return change_one(step, Sql::remove_folder, step.id);
  if (step.kind == ItemKind::topic) return change_one(step, Sql::remove_topic, step.id);
  return change_one(step, Sql::remove_portal, step.id);
}

Result<void> Undoer::restore(const Reversal& step) {
  const auto& [job, department, now] = origin_;
  if (step.kind == ItemKind::folder)
    return change_one(step, Sql::restore_folder, step.id, job, now, step.content);
  if (step.kind == ItemKind::topic)
    return change_one(step, Sql::restore_topic, step.id, job, now, step.content);
  return change_one(step, Sql::restore_portal, step.id, job, now, step.content);
}

Result<void> Undoer::recreate(const Reversal& step) {
  const auto& [job, department, now] = origin_;
  const auto [parent, name] = split_path(step.path);
  if (step.kind == ItemKind::folder) {
    return change_one(step, Sql::recreate_folder, step.id, department, step.path, parent, name, job, now,
                      step.content);
  }
  if (step.kind == ItemKind::topic) {
    return change_one(step, Sql::recreate_topic, step.id, department, step.path, parent, job, now,
                      step.content);
  }
  return change_one(step, Sql::recreate_portal, step.id, department, step.path, job, now, step.content);
}

Result<void> Undoer::remove_article(const Reversal& step) {
  std::int64_t change = 0, revision = 0;
  {
    Query query(writer_, Sql::article_change, step.id);
    WB_TRY(const bool row, query.step());
    if (!row) return gone(step);
    change = query.integer(0);
    revision = query.integer(1);
  }
  WB_CHECK_OK(Query(writer_, Sql::insert_removal, ++last_.change, step.id, revision + 1, change, origin_.job,
                    origin_.now)
                  .run());
  return change_one(step, Sql::remove_article, step.id);
}

Result<void> Undoer::restore_article(const Reversal& step) {
  std::int64_t change = 0, revision = 0;
  {
    Query query(writer_, Sql::article_change, step.id);
    WB_TRY(const bool row, query.step());
    if (!row) return gone(step);
    change = query.integer(0);
    revision = query.integer(1);
  }
  WB_CHECK_OK(change_one(step, Sql::copy_revision, ++last_.change, revision + 1, change, origin_.job,
                         origin_.now, step.content, step.id));
  return change_one(step, Sql::point_article_to, last_.change, origin_.now);
}

Result<void> Undoer::recreate_article(const Reversal& step) {
  std::int64_t change = 0, revision = 0;
  {
    Query query(writer_, Sql::removal_of_article, step.id);
    WB_TRY(const bool row, query.step());
    if (!row) return gone(step);
    change = query.integer(0);
    revision = query.integer(1);
  }
  const auto [folder_path, name] = split_path(step.path);
  std::int64_t folder = 0;
  {
    Query query(writer_, Sql::folder_state, origin_.department, folder_path);
    WB_TRY(const bool row, query.step());
    if (!row) return gone(step);
    folder = query.integer(0);
  }
  WB_CHECK_OK(change_one(step, Sql::copy_revision, ++last_.change, revision + 1, change, origin_.job,
                         origin_.now, step.content, step.id));
  return change_one(step, Sql::recreate_article, last_.change, origin_.department, folder, name,
                    step.language, origin_.now);
}

}  // namespace

Result<void> apply_reversals(Connection& writer, const Origin& origin,
                             const std::vector<Reversal>& reversals) {
  if (reversals.empty()) return {};
  Undoer undoer(writer, origin);
  WB_CHECK_OK(undoer.begin());
  for (const Reversal& step : reversals) WB_CHECK_OK(undoer.apply(step));
  return undoer.end();
}

}  // namespace waybill::storage::sql
