#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/testing/worker_fixture.h"

namespace waybill::worker {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// How single items end, and what is said about them.
class OutcomesTest : public WorkerTest {
 protected:
  jobs::Job run_with(const std::string& more_articles, jobs::JobType type = jobs::JobType::import) {
    PackageShape shape;
    shape.articles = 2;
    shape.counts = R"("counts": {})";
    shape.more_articles = more_articles;
    make_package(package(), shape);
    write(package() / "knowledgehub/articles/content/x.html", "<p>x</p>");
    return run(type);
  }
};

constexpr std::int64_t kOthers = 3 + 2 + 2 + 1;

TEST_F(OutcomesTest, EveryItemIsInExactlyOneCount) {
  const jobs::Job job = run_with(R"(
    ,{"name": "Remark", "folder": {"path": "Help"}, "content": "content/x.html", "odd": true}
    ,{"name": "", "folder": {"path": "Help"}, "content": "content/x.html"}
    ,{"name": "Twice", "name": "Twice", "folder": {"path": "Help"}, "content": "content/x.html"}
    ,{"name": "Nowhere", "folder": {"path": "Hlep"}, "content": "content/x.html"}
    ,{"name": "No content", "folder": {"path": "Help"}, "content": "content/y.html"}
    ,7)");
  EXPECT_EQ(job.state, jobs::State::successful) << job.error;
  EXPECT_EQ(job.total, kOthers + 6);
  EXPECT_EQ(job.counts, (jobs::Counts{kOthers + 1, 0, 5})) << log_text(job.id);
  EXPECT_THAT(log_text(job.id), HasSubstr("Help/Remark"));
  EXPECT_THAT(log_text(job.id), HasSubstr("Did you mean"));
}

TEST_F(OutcomesTest, AWarningIsCountedAndTheItemDone) {
  PackageShape shape;
  shape.articles = 2;
  shape.counts = R"("counts": {})";
  make_package(package(), shape);
  write(package() / "knowledgehub/articles/content/1.html",
        "<a href=\"nowhere.html\">x</a><script>1</script>");
  const jobs::Job job = run();
  EXPECT_EQ(job.counts, (jobs::Counts{kOthers - 1, 1, 0})) << log_text(job.id);
  EXPECT_THAT(contents(), Contains(HasSubstr("article Products/Phones/Article 1")));
}

TEST_F(OutcomesTest, OfTwoArticlesWithOneIdentityTheFirstIsDone) {
  const std::string twice = R"(
    ,{"name": "Same", "folder": {"path": "Help"}, "content": "content/x.html"}
    ,{"name": "Same", "folder": {"path": "Help"}, "content": "content/1.html"})";
  const jobs::Job validation = run_with(twice, jobs::JobType::validation);
  EXPECT_EQ(validation.counts, (jobs::Counts{kOthers + 1, 0, 1}));
  const jobs::Job job = run_with(twice);
  EXPECT_EQ(job.counts, (jobs::Counts{kOthers + 1, 0, 1})) << log_text(job.id);
  EXPECT_THAT(contents(), Contains("article Help/Same en-US r1 <p>x</p>"));
  EXPECT_THAT(log_text(job.id), HasSubstr("article-duplicate"));
}

TEST_F(OutcomesTest, AMacroOfAnotherArticleIsRefused) {
  run_with("");
  const jobs::Job job = run_with(
      R"(,{"name": "Thief", "folder": {"path": "Help"}, "content": "content/x.html", "articleMacro": "macro_1"})");
  EXPECT_EQ(job.counts, (jobs::Counts{kOthers, 0, 1}));
  EXPECT_THAT(log_text(job.id), HasSubstr("article-macro-duplicate"));
}

TEST_F(OutcomesTest, AMacroThatAnEarlierItemGivesUpIsFree) {
  run_with(
      R"(,{"name": "A", "folder": {"path": "Help"}, "content": "content/x.html", "articleMacro": "swap"})");
  PackageShape shape;
  shape.articles = 2;
  shape.counts = R"("counts": {})";
  shape.more_articles = R"(,{"name": "A", "folder": {"path": "Help"}, "content": "content/x.html"}
    ,{"name": "B", "folder": {"path": "Help"}, "content": "content/x.html", "articleMacro": "swap"})";
  make_package(package(), shape);
  write(package() / "knowledgehub/articles/content/x.html", "<p>x</p>");
  const jobs::Job job = run(jobs::JobType::import, jobs::Operation::reimport);
  EXPECT_EQ(job.counts, (jobs::Counts{kOthers + 2, 0, 0})) << log_text(job.id);
}

TEST_F(OutcomesTest, NothingIsMadeBelowAFolderThatIsNot) {
  const std::string long_text(1'001, 'x');
  write(package() / "manifest.json", "{}");
  write(package() / "knowledgehub/knowledgehub.json",
        R"({"folders": [{"name": "A", "description": ")" + long_text +
            R"(", "folders": [{"name": "B", "folders": [{"name": "C"}]}]}, {"name": "D"}]})");
  const jobs::Job job = run();
  EXPECT_EQ(job.counts, (jobs::Counts{1, 0, 3})) << log_text(job.id);
  EXPECT_THAT(contents(), testing::ElementsAre("folder D"));
}

TEST_F(OutcomesTest, ALinkToAnUnknownArticleIsAWarningOfTheTopic) {
  write(package() / "manifest.json", "{}");
  write(package() / "knowledgehub/knowledgehub.json",
        R"({"topics": [{"name": "T", "addArticles": {"fromArticles": [{"path": "No/Where"}]}}]})");
  const jobs::Job job = run();
  EXPECT_EQ(job.counts, (jobs::Counts{0, 1, 0})) << log_text(job.id);
}

TEST_F(OutcomesTest, LanguagesThatAreOffAreErrors) {
  PackageShape shape;
  shape.articles = 4;
  shape.counts = R"("counts": {}, "language": "de-DE")";
  make_package(package(), shape);
  submit(new_job());
  Options strict = options();
  strict.language_enabled = [](const Department&, std::string_view language) { return language == "en-US"; };
  const auto job = run_job(claim(), strict, *store_, board_, Context(clock_));
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->counts.errors, 4);
}

}  // namespace
}  // namespace waybill::worker
