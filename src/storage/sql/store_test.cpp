#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "storage/testing/store_fixture.h"

namespace waybill::storage {
namespace {

using knowledge::Folder;
using knowledge::Portal;
using knowledge::Topic;

std::vector<knowledge::Item> sample_items() {
  std::vector<knowledge::Item> items{Folder{"A", ""}, Folder{"A/B", ""}};
  for (int i = 0; i < 40; ++i) {
    auto one = article(i % 2 == 0 ? "A" : "A/B", "n" + std::to_string(i));
    one.type_name = "type " + std::to_string(i % 3);
    items.emplace_back(std::move(one));
  }
  items.emplace_back(Topic{"T", "", {"A/n0"}, {"A/B"}});
  items.emplace_back(Portal{"P", "", {"T"}, {}});
  return items;
}

class BatchTest : public StoreTest {};

TEST_P(BatchTest, CommitsItemsEntriesCountersAndPositionTogether) {
  const jobs::Job job = running_job();
  Batch batch = batch_of(job, {change(Folder{"A", ""})});
  batch.entries = {report::make_entry(clock_.now(), report::Level::info, "hello")};
  batch.phase = jobs::Phase::processing;
  batch.total = 4;
  batch.counts = {1, 2, 0};
  batch.position = 3;
  batch.source_version = "etag-1";
  batch.log_location = "file:///logs/l.txt";
  ASSERT_TRUE(store_->commit(batch).ok());
  batch.changes.clear();
  batch.entries.clear();
  batch.log_location.clear();
  batch.position = 4;
  ASSERT_TRUE(store_->commit(batch).ok());
  reopen();
  const auto read = store_->jobs().get(job.id);
  EXPECT_EQ(read->phase, jobs::Phase::processing);
  EXPECT_EQ(read->total, 4);
  EXPECT_EQ(read->counts, (jobs::Counts{1, 2, 0}));
  EXPECT_EQ(read->position, 4);
  EXPECT_EQ(read->source_version, "etag-1");
  EXPECT_EQ(read->log_location, "file:///logs/l.txt") << "empty leaves it";
  EXPECT_EQ(store_->reports().entries(job.id, 0, 9)->size(), 1U);
  EXPECT_TRUE(store_->knowledge().find_folder(kSales, "A")->has_value());
}

TEST_P(BatchTest, KeepsTheChecksOfBodiesWithTheArticles) {
  const auto kept = [&](std::string_view name) {
    const auto found = store_->knowledge().find_article(kSales, "A", name, "en-US");
    EXPECT_TRUE(found.ok() && *found);
    return (*found)->body_check;
  };
  const std::string bytes("\0\xFF check", 8);
  const jobs::Job job = running_job();
  auto checked = change(article("A", "checked"));
  checked.body_check = bytes;
  ASSERT_TRUE(
      store_->commit(batch_of(job, {change(Folder{"A", ""}), checked, change(article("A", "plain"))})).ok());
  EXPECT_EQ(kept("checked"), bytes);
  EXPECT_EQ(kept("plain"), "");

  Batch anew = batch_of(job);
  anew.checks = {{(*store_->knowledge().find_article(kSales, "A", "plain", "en-US"))->id, "a new check"}};
  Batch late = anew;
  late.epoch = Epoch(job.epoch.value() + 1);
  EXPECT_EQ(store_->commit(late).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(kept("plain"), "");
  ASSERT_TRUE(store_->commit(anew).ok());
  EXPECT_EQ(kept("plain"), "a new check");
  EXPECT_EQ(kept("checked"), bytes);

  auto updated = change(article("A", "checked", "another text"));
  updated.body_check = "of the other text";
  ASSERT_TRUE(store_->commit(batch_of(job, {updated, change(article("A", "plain", "likewise"))})).ok());
  EXPECT_EQ(kept("checked"), "of the other text");
  EXPECT_EQ(kept("plain"), "") << "what was kept of the text before says nothing of this one";
}

TEST_P(BatchTest, FormerOwnerWritesNothing) {
  const jobs::Job job = running_job();
  clock_.advance(Milliseconds(10'000));
  ASSERT_TRUE(claim("worker-2").has_value());
  const std::string before = database_->dump();
  const auto row_before = store_->jobs().get(job.id);
  Batch late = batch_of(job, {change(Folder{"A", ""})});
  late.entries = {report::make_entry(clock_.now(), report::Level::info, "late")};
  late.position = 99;
  EXPECT_EQ(store_->commit(late).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(database_->dump(), before);
  EXPECT_TRUE(store_->reports().entries(job.id, 0, 9)->empty());
  EXPECT_EQ(store_->jobs().get(job.id)->position, 0);
  EXPECT_EQ(store_->jobs().get(job.id)->version, row_before->version);
}

TEST_P(BatchTest, WhatWasLostBehindItIsNotPassedOver) {
  const jobs::Job job = running_job();
  Batch first = batch_of(job, {change(Folder{"A", ""})});
  first.from = 0;
  first.position = 1;
  ASSERT_TRUE(store_->commit(first));
  Batch next = batch_of(job, {change(Folder{"C", ""})});
  next.from = 2;  // the batch between the two was acknowledged and is not there
  next.position = 3;
  EXPECT_EQ(store_->commit(next).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(store_->jobs().get(job.id)->position, 1);
  EXPECT_FALSE(store_->knowledge().find_folder(kSales, "C")->has_value());
}

TEST_P(BatchTest, EndedAndUnknownJobsTakeNoBatch) {
  const jobs::Job job = running_job();
  ASSERT_TRUE(store_->jobs().end(job.id, job.epoch, {jobs::Event::finish, clock_.now(), "", false, ""}).ok());
  EXPECT_EQ(store_->commit(batch_of(job)).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(store_->commit(batch_of(new_job())).error().code, ErrorCode::lease_lost);
}

TEST_P(BatchTest, FailureInTheMiddleLeavesNothingOfTheBatch) {
  const jobs::Job job = running_job();
  const std::string before = database_->dump();
  const Batch batch = batch_of(job, {change(Folder{"A", ""}), change(article("no such folder", "a"))});
  EXPECT_EQ(store_->commit(batch).error().code, ErrorCode::internal);
  EXPECT_EQ(database_->dump(), before);
  ASSERT_TRUE(store_->commit(batch_of(job, {change(Folder{"B", ""})})).ok());
  EXPECT_EQ((*store_->knowledge().find_folder(kSales, "B"))->id, KnowledgeId(1'000'001))
      << "no gap in the ids";
}

TEST_P(BatchTest, RowsDoNotDependOnHowItemsAreCutIntoBatches) {
  import_items(kSales, sample_items(), 500);
  const std::string at_once = database_->dump();
  store_.reset();
  database_->clear();
  reopen();
  import_items(kSales, sample_items(), 1);
  EXPECT_EQ(database_->dump(), at_once);
  EXPECT_EQ(std::count(at_once.begin(), at_once.end(), '\n'), 2 + 40 + 40 + 1 + 1 + 2 + 3);
}

TEST_P(BatchTest, BatchThatIsCommittedTwiceChangesNothingTheSecondTime) {
  const jobs::Job job = running_job();
  std::vector<knowledge::Change> changes;
  for (knowledge::Item& item : sample_items()) changes.push_back(change(std::move(item)));
  ASSERT_TRUE(store_->commit(batch_of(job, changes)).ok());
  const std::string once = database_->dump();
  clock_.advance(Milliseconds(5));
  ASSERT_TRUE(store_->commit(batch_of(job, changes)).ok());
  EXPECT_EQ(database_->dump(), once);
}

TEST_P(BatchTest, ReadsAndWritesFromManyThreads) {
  const jobs::Job job = running_job();
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        if (t == 0) {
          EXPECT_TRUE(store_->commit(batch_of(job, {change(Folder{"f" + std::to_string(i), ""})})).ok());
        } else if (t == 1) {
          EXPECT_TRUE(store_->index_some(10).ok());
        } else {
          EXPECT_TRUE(store_->jobs().get(job.id).ok());
          EXPECT_TRUE(store_->knowledge().search(kSales, "x", 5, 0).ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->jobs().get(job.id)->version, job.version + 20);
}

TEST_P(BatchTest, AnswersAPing) {
  EXPECT_TRUE(store_->ping().ok());
}

WAYBILL_ON_EACH_DATABASE(BatchTest);

}  // namespace
}  // namespace waybill::storage
