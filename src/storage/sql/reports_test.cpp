#include "storage/sql/reports.h"

#include <gmock/gmock.h>

#include "storage/testing/store_fixture.h"

namespace waybill::storage {
namespace {

using report::FindingFilter;
using report::LogEntry;
using report::Rule;
using testing::ElementsAre;

class ReportsTest : public StoreTest {
 protected:
  static FindingFilter where(auto set) {
    FindingFilter filter;
    set(filter);
    return filter;
  }
  LogEntry finding(Rule rule, std::string item) const {
    report::Finding made;
    made.rule = rule;
    made.kind = report::ItemKind::article;
    made.item = std::move(item);
    made.location = {"knowledgehub/articles/articles.json", "/articles/3/name", 12, 7};
    made.message = "expected 1 to 255 characters, found 300";
    made.advice = "shorten it";
    return report::make_entry(clock_.now(), std::move(made));
  }
  LogEntry step(std::string text) const {
    return report::make_entry(clock_.now(), report::Level::info, std::move(text));
  }
  void report(const jobs::Job& job, std::vector<LogEntry> entries) {
    Batch batch = batch_of(job);
    batch.entries = std::move(entries);
    ASSERT_TRUE(store_->commit(batch).ok());
  }
  static std::vector<std::int64_t> sequences(const Result<std::vector<report::NumberedEntry>>& entries) {
    std::vector<std::int64_t> numbers;
    for (const auto& entry : *entries) numbers.push_back(entry.sequence);
    return numbers;
  }
};

TEST_P(ReportsTest, NumbersEntriesOfEachJobWithoutAGap) {
  const jobs::Job sales = running_job(kSales);
  const jobs::Job legal = running_job(kLegal);
  report(sales, {step("a"), finding(Rule::article_name, "x")});
  report(legal, {step("b")});
  report(sales, {step("c")});
  Batch refused = batch_of(sales);
  refused.epoch = Epoch(99);
  refused.entries = {step("never")};
  EXPECT_EQ(store_->commit(refused).error().code, ErrorCode::lease_lost);
  reopen();
  report(sales, {step("d")});
  EXPECT_THAT(sequences(store_->reports().entries(sales.id, 0, 100)), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(sequences(store_->reports().entries(sales.id, 1, 2)), ElementsAre(2, 3));
  EXPECT_THAT(sequences(store_->reports().entries(legal.id, 0, 100)), ElementsAre(1));
  EXPECT_TRUE(store_->reports().entries(JobId(Uuid::random()), 0, 100)->empty());
}

TEST_P(ReportsTest, GivesBackAFindingWhole) {
  const jobs::Job job = running_job();
  const LogEntry written = finding(Rule::article_name, "Folder/Näme");
  report(job, {written, step("Reading package")});
  const auto read = store_->reports().entries(job.id, 0, 10);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(report::format_line(read->at(0).entry), report::format_line(written));
  EXPECT_EQ(read->at(0).entry.finding.location.pointer, "/articles/3/name");
  EXPECT_EQ(read->at(0).entry.finding.advice, "shorten it");
  EXPECT_EQ(report::format_line(read->at(1).entry), report::format_line(step("Reading package")));
}

TEST_P(ReportsTest, FiltersFindings) {
  const jobs::Job job = running_job();
  report(job, {step("a"), finding(Rule::article_name, "1"), finding(Rule::reference_broken, "2"),
               finding(Rule::article_type_new, "3"), finding(Rule::article_name, "4")});
  auto& reports = store_->reports();
  EXPECT_THAT(sequences(reports.findings(job.id, {})), ElementsAre(2, 3, 4, 5)) << "a step is no finding";
  EXPECT_THAT(
      sequences(reports.findings(job.id, where([&](auto& f) { f.severities = {report::Severity::error}; }))),
      ElementsAre(2, 5));
  EXPECT_THAT(sequences(reports.findings(
                  job.id, where([&](auto& f) { f.severities = {report::Severity::warning}; }))),
              ElementsAre(3));
  EXPECT_THAT(
      sequences(reports.findings(job.id, where([&](auto& f) { f.severities = {report::Severity::remark}; }))),
      ElementsAre(4));
  EXPECT_THAT(sequences(reports.findings(job.id, where([&](auto& f) {
                                           f.rules = {Rule::article_name};
                                           f.after = 2;
                                         }))),
              ElementsAre(5));
  EXPECT_THAT(sequences(reports.findings(job.id, where([&](auto& f) {
                                           f.after = 2;
                                           f.limit = 2;
                                         }))),
              ElementsAre(3, 4));
}

WAYBILL_ON_EACH_DATABASE(ReportsTest);

}  // namespace
}  // namespace waybill::storage
