// What undo, preview and repair stand on: records of items, kept contents, reversals.
#include <algorithm>

#include "storage/packed.h"
#include "storage/testing/store_fixture.h"

namespace waybill::storage {

namespace {

using knowledge::Outcome;
using report::ItemKind;
using Action = Reversal::Action;

class UndoTest : public StoreTest {
 protected:
  KnowledgeId id_of(const std::string& folder, const std::string& name) {
    const auto found = store_->knowledge().find_article(kSales, folder, name, "en-US");
    EXPECT_TRUE(found.ok() && *found);
    return found.ok() && *found ? (**found).id : KnowledgeId(0);
  }
  void apply(std::vector<Reversal> steps) {
    const auto job = running_job();
    last_ = job.id;
    auto batch = batch_of(job);
    batch.reversals = std::move(steps);
    const auto done = store_->commit(batch);
    ASSERT_TRUE(done.ok()) << done.error().message << " / " << done.error().detail;
    ASSERT_TRUE(
        store_->jobs().end(job.id, job.epoch, {jobs::Event::finish, clock_.now(), "", false, ""}).ok());
  }
  /// How an item stands for the job that is `writer`; the other members of a record do not matter.
  Standing standing(ItemKind kind, KnowledgeId id, const JobId& writer, Outcome outcome = Outcome::updated) {
    const auto found = store_->items().standing(kSales, {1, kind, outcome, "", "", id}, writer);
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : Standing{};
  }
  Standing standing(ItemKind kind, KnowledgeId id) { return standing(kind, id, writer_of(kind, id)); }
  JobId writer_of(ItemKind kind, KnowledgeId id) {
    const auto found = store_->items().standing(kSales, {1, kind, Outcome::updated, "", "", id}, JobId{});
    EXPECT_TRUE(found.ok() && found->writer);
    return found.ok() && found->writer ? *found->writer : JobId{};
  }
  /// What was there before its newest content, or before it went.
  Reversal restore(ItemKind kind, KnowledgeId id) {
    return {Action::restore, kind, id, {}, {}, standing(kind, id).before.value_or(0)};
  }
  Reversal recreate(ItemKind kind, KnowledgeId id, std::string path, std::string language = "") {
    return {Action::recreate,
            kind,
            id,
            std::move(path),
            std::move(language),
            standing(kind, id, JobId{}).before.value_or(0)};
  }
  static Reversal remove(ItemKind kind, KnowledgeId id) { return {Action::remove, kind, id, {}, {}, 0}; }
  std::size_t hits(const std::string& word) {
    index_all();
    const auto found = store_->knowledge().search(kSales, word, 10, 0);
    EXPECT_TRUE(found.ok());
    return found.ok() ? found->size() : 0;
  }
  JobId last_;
};

TEST_P(UndoTest, RemovedArticleIsGoneFromListSearchAndComesBackUnderItsId) {
  import_items(kSales, {knowledge::Folder{"Help", ""}, article("Help", "One", "zebra")});
  const KnowledgeId id = id_of("Help", "One");
  const Sha256 print = (**store_->knowledge().find_article(kSales, "Help", "One", "en-US")).fingerprint;
  EXPECT_EQ(hits("zebra"), 1U);
  apply({remove(ItemKind::article, id)});
  EXPECT_EQ(store_->knowledge().article(kSales, id).error().code, ErrorCode::not_found);
  EXPECT_EQ(hits("zebra"), 0U);
  apply({recreate(ItemKind::article, id, "Help/One", "en-US")});
  EXPECT_EQ(id_of("Help", "One"), id);
  EXPECT_EQ((**store_->knowledge().find_article(kSales, "Help", "One", "en-US")).fingerprint, print);
  EXPECT_EQ(*store_->knowledge().body(kSales, id), "<p>zebra</p>");
  EXPECT_EQ(hits("zebra"), 1U);
  const auto history = store_->items().history(kSales, id);
  ASSERT_TRUE(history.ok());
  ASSERT_EQ(history->size(), 3U) << "written, removed, written again";
  EXPECT_TRUE((*history)[1].removed);
  EXPECT_EQ((*history)[0].revision, 3);
}

TEST_P(UndoTest, RestoredArticleHasItsOldContentAndMacroAsANewRevision) {
  auto first = article("Help", "One", "before");
  first.macro = "old_macro";
  auto second = article("Help", "One", "after");
  second.macro = "new_macro";
  import_items(kSales, {knowledge::Folder{"Help", ""}, first});
  import_items(kSales, {second});
  const KnowledgeId id = id_of("Help", "One");
  apply({restore(ItemKind::article, id)});
  const auto row = store_->knowledge().article(kSales, id);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->article.macro, "old_macro");
  EXPECT_EQ(row->revision, 3);
  EXPECT_EQ(row->job, last_);
  EXPECT_EQ(hits("after"), 0U);
  EXPECT_EQ(hits("before"), 1U);
}

TEST_P(UndoTest, FoldersTopicsAndPortalsGoAndComeBack) {
  import_items(kSales,
               {knowledge::Folder{"Help", "first"}, knowledge::Topic{"Start", "t", {"Help/One"}, {"Help"}},
                knowledge::Portal{"Support", "p", {"Start"}, {}}});
  import_items(kSales, {knowledge::Folder{"Help", "second"}});
  const auto folder = (**store_->knowledge().find_folder(kSales, "Help")).id;
  const auto topic = (**store_->knowledge().find_topic(kSales, "Start")).id;
  const auto portal = (**store_->knowledge().find_portal(kSales, "Support")).id;
  apply({restore(ItemKind::folder, folder)});
  EXPECT_EQ(store_->knowledge().folders({kSales, "", {}, 10})->at(0).folder.description, "first");
  apply({remove(ItemKind::portal, portal), remove(ItemKind::topic, topic), remove(ItemKind::folder, folder)});
  EXPECT_FALSE(*store_->knowledge().find_folder(kSales, "Help"));
  apply({recreate(ItemKind::folder, folder, "Help"), recreate(ItemKind::topic, topic, "Start"),
         recreate(ItemKind::portal, portal, "Support")});
  EXPECT_EQ(store_->knowledge().folders({kSales, "", {}, 10})->at(0).folder.description, "first");
  const auto topics = store_->knowledge().topics({kSales, "", {}, 10});
  ASSERT_EQ(topics->size(), 1U);
  EXPECT_EQ((*topics)[0].topic.articles, std::vector<std::string>{"Help/One"});
  EXPECT_EQ(store_->knowledge().portals({kSales, "", {}, 10})->at(0).portal.topics,
            std::vector<std::string>{"Start"});
}

TEST_P(UndoTest, StandingSaysWhoWroteLastAndWhoElseIsBelow) {
  import_items(kSales, {knowledge::Folder{"Help", ""}});
  const auto folder = (**store_->knowledge().find_folder(kSales, "Help")).id;
  const JobId writer = writer_of(ItemKind::folder, folder);
  EXPECT_FALSE(standing(ItemKind::folder, folder, writer, Outcome::created).used_by_others);
  import_items(kSales, {article("Help", "One")});
  const auto now = standing(ItemKind::folder, folder, writer, Outcome::created);
  EXPECT_TRUE(now.there && now.used_by_others);
  EXPECT_EQ(now.place, Standing::Place::top);
  EXPECT_FALSE(now.before);
  const ItemRecord record{1, ItemKind::folder, Outcome::created, "Help", "", folder};
  EXPECT_FALSE(store_->items().standing(kLegal, record, writer)->there) << "another department's";
}

TEST_P(UndoTest, WhatIsBroughtBackStandsForTheJobThatWroteIt) {
  using Place = Standing::Place;
  import_items(kSales, {knowledge::Folder{"Help", "first"}, article("Help", "One", "first")});
  const std::pair<ItemKind, KnowledgeId> items[] = {
      {ItemKind::folder, (**store_->knowledge().find_folder(kSales, "Help")).id},
      {ItemKind::article, id_of("Help", "One")}};
  const JobId first = writer_of(ItemKind::article, items[1].second);
  import_items(kSales, {knowledge::Folder{"Help", "second"}, article("Help", "One", "second")});
  const JobId second = writer_of(ItemKind::article, items[1].second);
  for (const auto& [kind, id] : items) {
    EXPECT_EQ(standing(kind, id, first).place, Place::below);
    EXPECT_EQ(standing(kind, id, second).place, Place::top);
  }
  apply({restore(ItemKind::folder, items[0].second), restore(ItemKind::article, items[1].second)});
  const JobId undo = last_;
  for (const auto& [kind, id] : items) {
    EXPECT_EQ(standing(kind, id, first).place, Place::top);
    EXPECT_EQ(standing(kind, id, second).place, Place::none);
    EXPECT_EQ(standing(kind, id, undo).place, Place::top);
    EXPECT_EQ(standing(kind, id, undo).writer, first);
  }
  // The undo of the undo brings back what was there before it.
  std::vector<Reversal> steps;
  for (const auto& [kind, id] : items) {
    steps.push_back({Action::restore, kind, id, {}, {}, *standing(kind, id, undo).before});
  }
  apply(steps);
  for (const auto& [kind, id] : items) {
    EXPECT_EQ(standing(kind, id, first).place, Place::below);
    EXPECT_EQ(standing(kind, id, second).place, Place::top);
    EXPECT_EQ(standing(kind, id, undo).place, Place::none);
  }
  EXPECT_EQ(*store_->knowledge().body(kSales, items[1].second), "<p>second</p>");
}

TEST_P(UndoTest, RecordsGetTheIdsOfWhatWasWritten) {
  const auto job = running_job();
  auto batch = batch_of(job, {change(knowledge::Folder{"Help", ""})});
  batch.records.push_back({{1, ItemKind::folder, Outcome::created, "Help", "", {}}, 0});
  batch.records.push_back({{2, ItemKind::article, Outcome::refused, "Help/Ünï", "en-US", {}}, std::nullopt});
  ASSERT_TRUE(store_->commit(batch).ok());
  const auto all = store_->items().list(job.id, {});
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].id, (**store_->knowledge().find_folder(kSales, "Help")).id);
  EXPECT_FALSE((*all)[1].id);
  ItemFilter filter;
  filter.outcome = Outcome::refused;
  filter.text = "HELP/";
  EXPECT_EQ(store_->items().list(job.id, filter)->size(), 1U);
  filter.kind = ItemKind::topic;
  EXPECT_TRUE(store_->items().list(job.id, filter)->empty());
  EXPECT_EQ(store_->items().counts(job.id)->size(), 2U);
  EXPECT_EQ(store_->items().get(job.id, 3).error().code, ErrorCode::not_found);
}

TEST_P(UndoTest, ValidationsKeepWhatTheyWouldWriteForTheNewestThree) {
  std::vector<JobId> ids;
  for (int i = 0; i < 4; ++i) {
    add_job(new_job(kSales, jobs::JobType::validation));
    const auto job = claim();
    ASSERT_TRUE(job);
    auto would = article("Help", "One", "text " + std::to_string(i));
    auto batch = batch_of(*job);
    batch.records.push_back(
        {{1, ItemKind::article, Outcome::created, "Help/One", "en-US", {}}, std::nullopt});
    batch.contents.push_back({1, would.macro, content_of(would, pack(would.body))});
    ASSERT_TRUE(store_->commit(batch).ok());
    ASSERT_TRUE(
        store_->jobs().end(job->id, job->epoch, {jobs::Event::finish, clock_.now(), "", false, ""}).ok());
    ids.push_back(job->id);
  }
  const auto record = store_->items().get(ids[3], 1);
  ASSERT_TRUE(record.ok());
  const auto versions = store_->items().versions(ids[3], true, *record);
  ASSERT_TRUE(versions.ok()) << versions.error().message;
  EXPECT_FALSE(versions->before);
  EXPECT_EQ(versions->after->body, "<p>text 3</p>");
  EXPECT_EQ(versions->after->name, "One");
  EXPECT_EQ(store_->items().versions(ids[0], true, *record).error().code, ErrorCode::not_found);
  EXPECT_TRUE(store_->items().versions(ids[1], true, *record).ok());
}

TEST_P(UndoTest, AJobIsUndoneOnceAndNotRetriedAfterwards) {
  const auto first = running_job();
  ASSERT_TRUE(
      store_->jobs().end(first.id, first.epoch, {jobs::Event::cancel, clock_.now(), "", false, ""}).ok());
  auto undo = new_job(kSales, jobs::JobType::undo);
  undo.target = first.id;
  add_job(undo);
  EXPECT_EQ(store_->jobs().get(undo.id)->type, jobs::JobType::undo);
  EXPECT_EQ(store_->jobs().get(undo.id)->target, first.id);
  EXPECT_EQ((**store_->jobs().undo_of(first.id)).id, undo.id);
  EXPECT_FALSE(*store_->jobs().undo_of(undo.id));
  auto again = new_job(kSales, jobs::JobType::undo);
  again.target = first.id;
  EXPECT_EQ(store_->jobs().create(again, std::nullopt).error().code, ErrorCode::already_exists);
  EXPECT_EQ(store_->jobs().retry(first.id, ClientId("c"), clock_.now(), {}).error().code,
            ErrorCode::conflict);
}

TEST_P(UndoTest, AJobIsUndoneAgainWhereSomethingWasLeftOrTheUndoWasUndone) {
  auto& jobs = store_->jobs();
  const auto undo_of = [&](const JobId& target) {
    auto undo = new_job(kSales, jobs::JobType::undo);
    undo.target = target;
    return undo;
  };
  const auto run = [&](const jobs::Job& job, std::int64_t errors) {
    add_job(job);
    const auto mine = claim();
    ASSERT_TRUE(mine && mine->id == job.id);
    auto batch = batch_of(*mine);
    batch.counts.errors = errors;
    ASSERT_TRUE(store_->commit(batch).ok());
    ASSERT_TRUE(jobs.end(job.id, mine->epoch, {jobs::Event::finish, clock_.now(), "", false, ""}).ok());
  };
  const auto first = running_job();
  ASSERT_TRUE(jobs.end(first.id, first.epoch, {jobs::Event::cancel, clock_.now(), "", false, ""}).ok());
  const auto part = undo_of(first.id);
  run(part, 2);
  const auto rest = undo_of(first.id);
  run(rest, 0);
  EXPECT_EQ((**jobs.undo_of(first.id)).id, rest.id);
  EXPECT_EQ(jobs.create(undo_of(first.id), std::nullopt).error().code, ErrorCode::already_exists);
  const auto redo = undo_of(rest.id);
  run(redo, 0);
  EXPECT_FALSE(*jobs.undo_of(first.id)) << "what was taken back is there again";
  const auto redo_undone = undo_of(redo.id);
  run(redo_undone, 0);
  EXPECT_EQ((**jobs.undo_of(first.id)).id, rest.id);
  EXPECT_EQ(jobs.retry(first.id, ClientId("c"), clock_.now(), {}).error().code, ErrorCode::conflict);
  run(undo_of(redo_undone.id), 0);
  EXPECT_TRUE(jobs.retry(first.id, ClientId("c"), clock_.now(), {}).ok());
}

TEST_P(UndoTest, AnUndoWaitsForTheImportOfItsDepartment) {
  const auto import = running_job();
  auto undo = new_job(kSales, jobs::JobType::undo);
  undo.target = import.id;
  add_job(undo);
  EXPECT_FALSE(claim());
  jobs::JobFilter filter;
  filter.type = jobs::JobType::undo;
  EXPECT_EQ(store_->jobs().list(filter)->size(), 1U);
  filter.type = jobs::JobType::import;
  EXPECT_EQ(store_->jobs().list(filter)->size(), 1U);
  filter.type.reset();
  filter.text = to_string(undo.id).substr(0, 13);
  EXPECT_EQ(store_->jobs().list(filter)->size(), 1U) << "by the beginning of its id";
  filter.text = "PACKAGE.ZIP";
  EXPECT_EQ(store_->jobs().list(filter)->size(), 2U);
  filter.to = clock_.now();
  EXPECT_TRUE(store_->jobs().list(filter)->empty());
}

TEST(PackedTest, UnpacksWhatWasPackedAndRefusesWhatWasNot) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "<p>line " + std::to_string(i) + "</p>";
  const knowledge::Packed packed = pack(text);
  const auto size = static_cast<std::int64_t>(text.size());
  EXPECT_EQ(packed.size, text.size());
  EXPECT_LT(packed.bytes.size(), text.size() / 2);
  EXPECT_EQ(*unpack(packed.bytes, size), text);
  EXPECT_EQ(*unpack(pack("").bytes, 0), "");
  EXPECT_EQ(unpack(packed.bytes.substr(0, 20), size).error().code, ErrorCode::corrupt);
  EXPECT_EQ(unpack(packed.bytes, size - 1).error().code, ErrorCode::corrupt);
  EXPECT_EQ(unpack(packed.bytes, size + 1).error().code, ErrorCode::corrupt);
  EXPECT_EQ(*unpack("as it is", std::nullopt), "as it is") << "of before bodies were packed";
}

WAYBILL_ON_EACH_DATABASE(UndoTest);

}  // namespace

}  // namespace waybill::storage
