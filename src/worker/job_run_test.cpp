#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/job_log.h"
#include "worker/testing/worker_fixture.h"

namespace waybill::worker {
namespace {

using jobs::JobType;
using jobs::Operation;
using jobs::State;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::int64_t kItems = 3 + 50 + 2 + 1;

class JobRunTest : public WorkerTest {
 protected:
  JobRunTest() { make_package(package(), {}); }
};

TEST_F(JobRunTest, ACleanPackageIsImportedWhole) {
  const jobs::Job job = run();
  EXPECT_EQ(job.state, State::successful) << job.error;
  EXPECT_EQ(job.total, kItems);
  EXPECT_EQ(job.position, kItems);
  EXPECT_EQ(job.counts, (jobs::Counts{kItems, 0, 0})) << log_text(job.id);
  EXPECT_EQ(contents().size(), static_cast<std::size_t>(kItems));
  const auto topics = store_->knowledge().topics({Department("sales"), "", std::nullopt, 10});
  ASSERT_EQ(topics->size(), 2U);
  for (const auto& row : *topics) EXPECT_EQ(row.article_count, row.topic.path == "Start" ? 1 : 25);
}

TEST_F(JobRunTest, AnArticleKeepsBodyTextLinksAndResources) {
  run();
  const auto found =
      store_->knowledge().find_article(Department("sales"), "Products/Phones", "Article 3", "en-US");
  ASSERT_TRUE(found.ok() && *found);
  const KnowledgeId id = (*found)->id;
  const auto row = store_->knowledge().article(Department("sales"), id);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(*store_->knowledge().body(Department("sales"), id),
            *read_file(package() / "knowledgehub/articles/content/3.html", 10'000));
  EXPECT_THAT(row->article.text, HasSubstr("Article 3"));
  ASSERT_EQ(row->article.attachments.size(), 1U);
  EXPECT_EQ(*store_->blobs().get(row->article.attachments[0].hash), "PDF bytes");
  ASSERT_EQ(row->article.inline_resources.size(), 1U);
  EXPECT_EQ(*store_->blobs().get(row->article.inline_resources[0].hash), "PNG bytes");
  const auto links = store_->knowledge().links(Department("sales"), id);
  ASSERT_EQ(links->size(), 1U);
  EXPECT_EQ((*links)[0].link.target_name, "Article 4");
  EXPECT_TRUE((*links)[0].target.has_value());
}

TEST_F(JobRunTest, ASecondImportChangesNothing) {
  run();
  const auto before = contents();
  const jobs::Job again = run();
  EXPECT_EQ(again.counts, (jobs::Counts{kItems, 0, 0})) << log_text(again.id);
  EXPECT_EQ(contents(), before) << "no revision grew";
}

TEST_F(JobRunTest, ImportRefusesOtherContentAndReimportUpdatesIt) {
  run();
  write(package() / "knowledgehub/articles/content/7.html", "<p>quite other</p>");
  const jobs::Job refused = run();
  EXPECT_EQ(refused.state, State::successful);
  EXPECT_EQ(refused.counts, (jobs::Counts{kItems - 1, 0, 1}));
  EXPECT_THAT(log_text(refused.id), HasSubstr("already-exists\tarticle Products/Phones/Article 7"));
  const jobs::Job validation = run(JobType::validation);
  EXPECT_EQ(validation.counts, refused.counts) << "a validation says what an import would do";
  EXPECT_EQ(findings(validation.id), findings(refused.id));
  const jobs::Job updated = run(JobType::import, Operation::reimport);
  EXPECT_EQ(updated.counts, (jobs::Counts{kItems, 0, 0})) << log_text(updated.id);
  EXPECT_THAT(contents(), testing::Contains("article Products/Phones/Article 7 en-US r2 <p>quite other</p>"));
}

TEST_F(JobRunTest, AValidationWritesNothingToTheKnowledgeBase) {
  const jobs::Job job = run(JobType::validation);
  EXPECT_EQ(job.state, State::successful);
  EXPECT_EQ(job.counts, (jobs::Counts{kItems, 0, 0})) << log_text(job.id);
  EXPECT_THAT(contents(), IsEmpty());
}

TEST_F(JobRunTest, TheSearchIndexHasCaughtUpAtTheEnd) {
  run();
  EXPECT_EQ(*store_->index_backlog(), 0);
  const auto hits = store_->knowledge().search(Department("sales"), "Article 17", 10, 0);
  ASSERT_TRUE(hits.ok());
  ASSERT_FALSE(hits->empty());
  EXPECT_EQ(hits->front().name, "Article 17");
}

TEST_F(JobRunTest, TheLogIsWhatTheStoreSaysAndLiesBesideThePackage) {
  const jobs::Job job = run();
  const auto placed = folder_.path() / "share" / "logs" / log_name(job.id);
  const auto text = read_file(placed, 1'000'000);
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_EQ(*text, log_text(job.id));
  EXPECT_THAT(job.log_location, HasSubstr("/share/logs/import-logs-" + to_string(job.id) + ".txt"));
  EXPECT_THAT(*text, HasSubstr("56 items: 3 folders, 50 articles, 2 topics, 1 portals."));
  EXPECT_THAT(*text, HasSubstr("Ended: 56 items, 56 successful, 0 with warnings, 0 with errors."));
}

TEST_F(JobRunTest, ALogThatCannotBePlacedStaysOnTheServerWithTheReason) {
  write(folder_.path() / "share" / "logs", "a file where the folder should be");
  const jobs::Job job = run();
  EXPECT_EQ(job.state, State::successful);
  EXPECT_EQ(job.log_location, "http://server/" + to_string(job.id) + "/log");
  const auto text = read_file(folder_.path() / "logs" / log_name(job.id), 1'000'000);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, log_text(job.id));
  EXPECT_THAT(*text, HasSubstr("The log could not be put beside the package"));
}

TEST_F(JobRunTest, APackageThatIsNotThereFailsTheJobForGood) {
  std::filesystem::remove_all(package());
  const jobs::Job job = run();
  EXPECT_EQ(job.state, State::failed);
  EXPECT_FALSE(job.retryable);
  EXPECT_THAT(job.error, EndsWith("; no item was processed"));
  EXPECT_THAT(log_text(job.id), HasSubstr("Failed: "));
}

TEST_F(JobRunTest, ARefusedPackageTellsEveryReasonInTheLog) {
  PackageShape shape;
  shape.counts = R"("counts": {"folders": 4, "articles": 49}, "department": "legal")";
  make_package(package(), shape);
  const jobs::Job job = run();
  EXPECT_EQ(job.state, State::failed);
  EXPECT_FALSE(job.retryable);
  EXPECT_EQ(job.position, 0);
  EXPECT_THAT(contents(), IsEmpty());
  const std::string log = log_text(job.id);
  EXPECT_THAT(log, HasSubstr("manifest-counts"));
  EXPECT_THAT(log, HasSubstr("manifest-department"));
  EXPECT_THAT(job.error, HasSubstr("more such errors in the job's log"));
}

TEST_F(JobRunTest, BrokenArticlesJsonFailsTheJobBeforeItsFirstItem) {
  write(package() / "knowledgehub/articles/articles.json", R"({"articles": [{"name": "A"}, )");
  const jobs::Job job = run();
  EXPECT_EQ(job.state, State::failed);
  EXPECT_EQ(job.position, 0);
  EXPECT_THAT(log_text(job.id), HasSubstr("articles.json:1:"));
}

TEST_F(JobRunTest, ACriticalErrorTellsHowFarItCame) {
  submit(new_job());
  FaultyStore faulty(*store_);
  faulty.before_commit = [&](int, const storage::Batch& batch) -> Result<void> {
    if (batch.position > 20 && !batch.changes.empty())
      return Error{ErrorCode::unavailable, "The database is away."};
    return {};
  };
  const auto job = run_job(claim(), options(), faulty, board_, Context(clock_));
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->state, State::failed);
  EXPECT_EQ(job->error, "The database is away after processing 20 items");
  EXPECT_TRUE(job->retryable);
  EXPECT_EQ(job->counts.processed(), 20);
  EXPECT_EQ(board_.find(job->id)->state, State::failed);
}

TEST_F(JobRunTest, AFailedJobGoesOnWhereItStoppedWhenRetried) {
  submit(new_job());
  FaultyStore faulty(*store_);
  faulty.before_commit = [&](int, const storage::Batch& batch) -> Result<void> {
    if (batch.position > 20 && !batch.changes.empty())
      return Error{ErrorCode::unavailable, "The database is away."};
    return {};
  };
  const auto failed = run_job(claim(), options(), faulty, board_, Context(clock_));
  ASSERT_TRUE(failed.ok());
  ASSERT_TRUE(store_->jobs().retry(failed->id, ClientId("client-1"), clock_.now(), {}).ok());
  const auto ended = run_job(claim(), options(), *store_, board_, Context(clock_));
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ended->id, failed->id);
  EXPECT_EQ(ended->state, State::successful) << ended->error;
  EXPECT_EQ(ended->counts, (jobs::Counts{kItems, 0, 0}));
  EXPECT_THAT(log_text(ended->id), HasSubstr("Resumed at item 21"));
}

TEST_F(JobRunTest, AResumeRefusesAnotherPackage) {
  submit(new_job());
  FaultyStore faulty(*store_);
  faulty.before_commit = [&](int, const storage::Batch& batch) -> Result<void> {
    if (batch.position > 20) return Error{ErrorCode::lease_lost, "lost"};
    return {};
  };
  ASSERT_FALSE(run_job(claim(), options(), faulty, board_, Context(clock_)).ok());
  write(package() / "knowledgehub/articles/content/44.html",
        "<p>changed in between, and longer than before it was</p>");
  clock_.advance(Milliseconds(60'000));
  const auto ended = run_job(claim(), options(), *store_, board_, Context(clock_));
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ended->state, State::failed);
  EXPECT_FALSE(ended->retryable);
  EXPECT_THAT(ended->error, HasSubstr("was changed under this job"));
  EXPECT_THAT(log_text(ended->id), HasSubstr("package-changed"));
}

TEST_F(JobRunTest, CancelKeepsWhatWasImported) {
  submit(new_job());
  const Context context(clock_);
  FaultyStore faulty(*store_);
  faulty.before_commit = [&](int, const storage::Batch& batch) -> Result<void> {
    if (batch.position == 20) {
      EXPECT_TRUE(store_->jobs().request_cancel(batch.job, ClientId("client-9"), clock_.now()).ok());
      context.cancel();
    }
    return {};
  };
  const auto job = run_job(claim(), options(), faulty, board_, context);
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->state, State::cancelled);
  EXPECT_EQ(job->counts.processed(), 20);
  EXPECT_EQ(contents().size(), 20U);
  EXPECT_THAT(log_text(job->id), HasSubstr("Cancelled at the request of client client-9"));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "share" / "logs" / log_name(job->id)));
}

TEST_F(JobRunTest, ACancelThatIsAcknowledgedAtTheVeryEndStillTakesEffect) {
  submit(new_job());
  FaultyStore faulty(*store_);
  faulty.before_commit = [&](int, const storage::Batch& batch) -> Result<void> {
    // Noted in the store, as by another server: nobody tells the run.
    (void)store_->jobs().request_cancel(batch.job, ClientId("client-9"), clock_.now());
    return {};
  };
  const auto job = run_job(claim(), options(), faulty, board_, Context(clock_));
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->state, State::cancelled);
  EXPECT_EQ(job->counts.processed(), job->total);
  const std::string stored = log_text(job->id);
  EXPECT_THAT(stored, HasSubstr("Cancelled at the request of client client-9"));
  EXPECT_THAT(stored, testing::Not(HasSubstr("Ended:")));
  EXPECT_EQ(*read_file(folder_.path() / "share" / "logs" / log_name(job->id), 1'000'000), stored);
}

TEST_F(JobRunTest, TheStopTimeEndsAJobAsCancelled) {
  jobs::Job planned = new_job();
  planned.stop = clock_.now() + Milliseconds(5'000);
  submit(planned);
  FaultyStore faulty(*store_);
  faulty.before_commit = [&](int, const storage::Batch& batch) -> Result<void> {
    if (batch.position == 30) clock_.advance(Milliseconds(5'000));
    return {};
  };
  const auto job = run_job(claim(), options(), faulty, board_, Context(clock_));
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->state, State::cancelled);
  EXPECT_EQ(job->counts.processed(), 30);
  EXPECT_THAT(log_text(job->id), HasSubstr("Stopped at the stop time 2024-03-01T10:00:05.000Z"));
}

TEST_F(JobRunTest, AJobCancelledBeforeItIsReadReadsNothing) {
  const jobs::Job planned = submit(new_job());
  jobs::Job job = claim();
  ASSERT_TRUE(store_->jobs().request_cancel(planned.id, ClientId("client-9"), clock_.now()).ok());
  job = *store_->jobs().get(planned.id);
  const auto ended = run_job(job, options(), *store_, board_, Context(clock_));
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ended->state, State::cancelled);
  EXPECT_THAT(contents(), IsEmpty());
  EXPECT_THAT(log_text(job.id), testing::Not(HasSubstr("Package:")));
}

TEST_F(JobRunTest, AFailureInAThreadFailsTheJobAndNotTheProcess) {
  Options broken = options();
  broken.language_enabled = [](const Department&, std::string_view) -> bool { throw std::bad_alloc(); };
  submit(new_job());
  const auto job = run_job(claim(), broken, *store_, board_, Context(clock_));
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->state, State::failed);
  EXPECT_TRUE(job->retryable);
  EXPECT_THAT(job->error,
              StartsWith("There was not enough memory for checking articles after processing 3 items"));
}

TEST_F(JobRunTest, UnusedFilesAreOneRemark) {
  write(package() / "knowledgehub/articles/inline_resources/old.png", "x");
  write(package() / "knowledgehub/articles/resources/old.pdf", "x");
  const jobs::Job job = run();
  EXPECT_EQ(job.counts, (jobs::Counts{kItems, 0, 0}));
  EXPECT_THAT(log_text(job.id), HasSubstr("2 files below knowledgehub/articles/ are used by nothing: "
                                          "inline_resources/old.png, resources/old.pdf."));
}

TEST_F(JobRunTest, ANewTypeIsRemarkedOnce) {
  const jobs::Job job = run();
  int remarks = 0;
  for (const auto& line : findings(job.id))
    remarks += line.find("article-type-new") != std::string::npos ? 1 : 0;
  EXPECT_EQ(remarks, 1);
}

TEST_F(JobRunTest, PollsSeeOnlyWhatIsCommittedAndNeverGoBack) {
  submit(new_job());
  const jobs::Job claimed = claim();
  FaultyStore faulty(*store_);
  std::int64_t seen = 0;
  std::int64_t version = 0;
  faulty.before_commit = [&](int, const storage::Batch& batch) -> Result<void> {
    const auto shown = board_.find(batch.job);
    EXPECT_NE(shown, nullptr);
    EXPECT_LE(shown->counts.processed(), batch.position);
    EXPECT_EQ(shown->counts.processed(), store_->jobs().get(batch.job)->counts.processed());
    EXPECT_GE(shown->counts.processed(), seen);
    EXPECT_GT(shown->version, version);
    seen = shown->counts.processed();
    version = shown->version;
    return {};
  };
  const auto job = run_job(claimed, options(), faulty, board_, Context(clock_));
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(board_.find(job->id)->state, State::successful);
  EXPECT_EQ(board_.find(job->id)->version, status_of(*job).version);
  EXPECT_GT(seen, 40);
}

}  // namespace
}  // namespace waybill::worker
