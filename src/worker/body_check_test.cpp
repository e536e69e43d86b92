// The check of a body that an earlier job has made: when it is taken over, and that nobody can see it.
#include "worker/body_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "worker/testing/worker_fixture.h"

namespace waybill::worker {

namespace {

using jobs::JobType;
using jobs::Operation;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kItem = "Help/One";
constexpr std::string_view kBody = "knowledgehub/articles/content/one.html";

BodyCheck some_check() {
  const auto rule = report::Rule::reference_broken;
  BodyCheck check{sha256("resources"), {"inline_resources/a.png", "inline_resources/b.png"}, {}};
  check.findings.push_back({rule,
                            report::ItemKind::article,
                            std::string(kItem),
                            {std::string(kBody), {}, 7, 300},
                            "'a' leads nowhere.",
                            std::string(report::info(rule).remedy)});
  check.findings.push_back({rule,
                            report::ItemKind::article,
                            std::string(kItem),
                            {std::string(kBody), {}, 70'000, 1},
                            std::string("with a \0 in it", 14),
                            "Did you mean 'b'?"});
  return check;
}

std::vector<std::string> lines_of(const validation::Findings& findings) {
  std::vector<std::string> lines;
  for (const auto& finding : findings) lines.push_back(format_line(report::make_entry(Time{}, finding)));
  return lines;
}

TEST(BodyCheckText, IsRecalledAsItWasKept) {
  const BodyCheck check = some_check();
  const Sha256 input = sha256("input"), fingerprint = sha256("fingerprint");
  const std::string kept = keep_check(check, input, fingerprint, kItem, kBody);
  const auto recalled = recall_check(kept, input, fingerprint, kItem, kBody);
  ASSERT_TRUE(recalled.has_value());
  EXPECT_EQ(recalled->resources, check.resources);
  EXPECT_EQ(recalled->used, check.used);
  EXPECT_EQ(lines_of(recalled->findings), lines_of(check.findings));
}

TEST(BodyCheckText, IsOfOneInputAndOneArticle) {
  const Sha256 input = sha256("input"), fingerprint = sha256("fingerprint");
  const std::string kept = keep_check(some_check(), input, fingerprint, kItem, kBody);
  EXPECT_FALSE(recall_check(kept, sha256("other"), fingerprint, kItem, kBody).has_value());
  EXPECT_FALSE(recall_check(kept, input, sha256("other"), kItem, kBody).has_value());
  EXPECT_FALSE(recall_check("", input, fingerprint, kItem, kBody).has_value());
}

TEST(BodyCheckText, WhatIsNotWholeIsNotRecalled) {
  const Sha256 input = sha256("input"), fingerprint = sha256("fingerprint");
  const std::string kept = keep_check(some_check(), input, fingerprint, kItem, kBody);
  for (std::size_t size = 0; size < kept.size(); ++size) {
    EXPECT_FALSE(recall_check(kept.substr(0, size), input, fingerprint, kItem, kBody).has_value()) << size;
  }
  EXPECT_FALSE(recall_check(kept + "x", input, fingerprint, kItem, kBody).has_value());
}

TEST(BodyCheckText, WhatItCouldNotSayAgainIsNotKept) {
  BodyCheck check = some_check();
  check.findings.back().location.file = "another.html";
  EXPECT_EQ(keep_check(check, {}, {}, kItem, kBody), "");
}

TEST(BodyRules, AreAHashOverTheirSources) {
  EXPECT_EQ(body_rules().size(), 64U);
}

class BodyCheckTest : public WorkerTest {
 protected:
  static constexpr int kArticles = 50;

  void SetUp() override {
    make_package(package(), {});
    // With findings of every kind that a body can have.
    write(article(7),
          "<h1>7</h1>\n<a href=\"8.html\">next</a>\n<a href=\"nine.html\">x</a><script>1</script>"
          "<a href=\"%zz\">y</a><a href=\"../../../z.html\">z</a><img src=\"../inline_resources/lago.png\">");
  }
  std::filesystem::path article(int number) const {
    return package() / "knowledgehub/articles/content" / (std::to_string(number) + ".html");
  }

  struct Outcome {
    jobs::Job job;
    int made = 0, recalled = 0;
    std::string records;
  };
  Outcome reimport(JobType type = JobType::import) {
    std::atomic<int> made{0}, recalled{0};
    Options with = options();
    if (!rules_.empty()) with.body_rules = rules_;
    with.body_judged = [&](bool taken_over) { ++(taken_over ? recalled : made); };
    submit(new_job(type, Operation::reimport));
    auto ended = run_job(claim(), with, *store_, board_, Context(clock_));
    EXPECT_TRUE(ended.ok()) << ended.error().message;
    Outcome outcome{ended.ok() ? *ended : jobs::Job{}, made, recalled, {}};
    storage::ItemFilter all;
    all.limit = 10'000;
    auto items = store_->items().list(outcome.job.id, all);
    EXPECT_TRUE(items.ok());
    for (const auto& item : *items) {
      outcome.records += std::to_string(item.number) + " " + std::string(to_string(item.kind)) + " " +
                         std::string(to_string(item.outcome)) + " " + item.path + " " + item.language + " " +
                         (item.id ? to_string(*item.id) : std::string("-")) + "\n";
    }
    return outcome;
  }
  std::int64_t updated(const Outcome& outcome) {
    std::int64_t items = 0;
    auto counts = store_->items().counts(outcome.job.id);
    for (const auto& one : *counts) items += one.outcome == knowledge::Outcome::updated ? one.items : 0;
    return items;
  }
  /// The same package again, with every check made: nobody can tell the two runs apart.
  void expect_same_without_recalling(const Outcome& outcome, JobType type = JobType::import) {
    rules_ = "rules of no program";
    const Outcome full = reimport(type);
    EXPECT_EQ(full.recalled, 0);
    EXPECT_EQ(findings(outcome.job.id), findings(full.job.id));
    EXPECT_EQ(outcome.job.counts, full.job.counts);
    EXPECT_EQ(outcome.records, full.records);
  }

  std::string rules_;
};

TEST_F(BodyCheckTest, AnUnchangedPackageIsRecalledWholeWithAllItsFindings) {
  const jobs::Job first = run();
  const Outcome again = reimport();
  EXPECT_EQ(again.recalled, kArticles);
  EXPECT_EQ(again.made, 0);
  EXPECT_EQ(updated(again), 0);
  EXPECT_EQ(again.job.counts, first.counts);
  EXPECT_THAT(findings(again.job.id), Contains(HasSubstr("nine.html")));
  EXPECT_THAT(findings(again.job.id), Not(Contains(HasSubstr("resources-unused"))));
  expect_same_without_recalling(again);
}

TEST_F(BodyCheckTest, AValidationRecallsAndKeepsNothing) {
  run();
  const Outcome validation = reimport(JobType::validation);
  EXPECT_EQ(validation.recalled, kArticles);
  expect_same_without_recalling(validation, JobType::validation);
  rules_.clear();
  EXPECT_EQ(reimport().recalled, kArticles) << "what the validation by other rules found was not kept";
}

TEST_F(BodyCheckTest, OtherRulesCheckAllAndKeepThat) {
  run();
  rules_ = "those of a newer program";
  const Outcome changed = reimport();
  EXPECT_EQ(changed.made, kArticles);
  EXPECT_EQ(updated(changed), 0);
  EXPECT_EQ(reimport().recalled, kArticles);
  rules_.clear();
  EXPECT_EQ(reimport().made, kArticles);
}

TEST_F(BodyCheckTest, AChangedBodyIsCheckedAlone) {
  run();
  write(article(4), "<p>now without a link, and with a <script>1</script></p>");
  const Outcome changed = reimport();
  EXPECT_EQ(changed.made, 1);
  EXPECT_EQ(updated(changed), 1);
  EXPECT_THAT(findings(changed.job.id), Contains(HasSubstr("active-content")));
  const Outcome again = reimport();
  EXPECT_EQ(again.recalled, kArticles);
  expect_same_without_recalling(again);
}

TEST_F(BodyCheckTest, ALinksTargetThatIsGoneIsFound) {
  run();
  std::filesystem::remove(article(8));
  const Outcome changed = reimport();
  EXPECT_EQ(changed.recalled, 0) << "the files of the package are other ones";
  EXPECT_THAT(findings(changed.job.id), Contains(HasSubstr("article-content-missing")));
  expect_same_without_recalling(reimport());
}

TEST_F(BodyCheckTest, AnImageThatIsGoneIsFound) {
  run();
  std::filesystem::remove(package() / "knowledgehub/articles/inline_resources/logo.png");
  const Outcome changed = reimport();
  EXPECT_EQ(changed.recalled, 0);
  EXPECT_EQ(changed.job.counts.warnings, kArticles);
  EXPECT_THAT(findings(changed.job.id), Contains(HasSubstr("logo.png")));
}

TEST_F(BodyCheckTest, AnImageWithOtherBytesChangesTheArticlesThatUseIt) {
  run();
  write(package() / "knowledgehub/articles/inline_resources/logo.png", "other PNG bytes");
  const Outcome changed = reimport();
  EXPECT_EQ(updated(changed), kArticles - 1) << "all but number 7";
  const Outcome again = reimport();
  EXPECT_EQ(again.recalled, kArticles);
  EXPECT_EQ(updated(again), 0);
  expect_same_without_recalling(again);
}

TEST_F(BodyCheckTest, AnAttachmentWithOtherBytesChangesItsArticle) {
  run();
  write(package() / "knowledgehub/articles/resources/manual.pdf", "other PDF bytes");
  EXPECT_EQ(updated(reimport()), 1);
}

TEST_F(BodyCheckTest, ATargetWithAnotherNameChangesTheLinksToIt) {
  run();
  const auto list = package() / "knowledgehub/articles/articles.json";
  std::string text = *read_file(list, 1U << 20U);
  text.replace(text.find("Article 8"), 9, "Article Eight");
  write(list, text);
  const Outcome changed = reimport();
  EXPECT_EQ(changed.recalled, 0);
  EXPECT_EQ(updated(changed), 1) << "number 7 links to it";
}

TEST_F(BodyCheckTest, ChangedMetadataOfOneArticleLeavesTheOthers) {
  run();
  const auto list = package() / "knowledgehub/articles/articles.json";
  std::string text = *read_file(list, 1U << 20U);
  text.replace(text.find("\"name\": \"Article 8\""), 0, "\"description\": \"new\", \"odd\": 1, ");
  write(list, text);
  const Outcome changed = reimport();
  EXPECT_EQ(changed.made, 1);
  EXPECT_EQ(updated(changed), 1);
  EXPECT_THAT(findings(changed.job.id), Contains(HasSubstr("article-unknown-member")));
}

TEST_F(BodyCheckTest, ALanguageThatIsTurnedOffIsFoundThoughTheBodyIsTheSame) {
  run();
  std::atomic<int> made{0};
  Options with = options();
  with.body_judged = [&](bool taken_over) { made += taken_over ? 0 : 1; };
  with.language_enabled = [](const Department&, std::string_view) { return false; };
  submit(new_job(JobType::import, Operation::reimport));
  const auto ended = run_job(claim(), with, *store_, board_, Context(clock_));
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ended->counts.errors, kArticles);
  EXPECT_EQ(made, kArticles) << "of what is not acceptable nothing is taken over";
}

TEST_F(BodyCheckTest, ABodyThatIsNoLongerReadableIsRefused) {
  run();
  write(article(4), "\xFF\xFE");
  const Outcome changed = reimport();
  EXPECT_EQ(changed.job.counts.errors, 1);
  EXPECT_EQ(changed.recalled, kArticles - 1);
}

TEST_F(BodyCheckTest, AfterAnUndoTheCheckIsMadeAgain) {
  run();
  write(article(4), "<p>another</p>");
  const Outcome changed = reimport();
  auto undo = new_job(JobType::undo);
  undo.source.path.clear();
  undo.target = changed.job.id;
  submit(undo);
  ASSERT_TRUE(run_job(claim(), options(), *store_, board_, Context(clock_)).ok());
  const Outcome forth = reimport();
  EXPECT_EQ(forth.made, 1);
  EXPECT_EQ(updated(forth), 1);
  EXPECT_THAT(contents(), Contains(HasSubstr("<p>another</p>")));
}

TEST_F(BodyCheckTest, WhatIsNotCommittedIsNotKept) {
  make_package(package(), {});
  FaultyStore faulty(*store_);
  faulty.before_commit = [](int, const storage::Batch& batch) -> Result<void> {
    if (batch.changes.empty() || batch.position < 20) return {};
    return Error{ErrorCode::io, "the disk is gone"};
  };
  submit(new_job());
  ASSERT_TRUE(run_job(claim(), options(), faulty, board_, Context(clock_)).ok());
  const auto there = static_cast<int>(contents().size()) - 3;
  ASSERT_GT(there, 0);
  const Outcome rest = reimport();
  EXPECT_EQ(rest.recalled, there);
  EXPECT_EQ(rest.made, kArticles - there);
}

}  // namespace

}  // namespace waybill::worker
