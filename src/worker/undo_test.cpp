// Undo, redo and repair over a real store.
#include "worker/testing/worker_fixture.h"

namespace waybill::worker {

namespace {

using jobs::JobType;
using jobs::Operation;
using knowledge::Outcome;
using report::ItemKind;

class UndoRunTest : public WorkerTest {
 protected:
  jobs::Job run_job_of(jobs::Job job) {
    submit(job);
    auto ended = run_job(claim(), options(), *store_, board_, Context(clock_));
    EXPECT_TRUE(ended.ok()) << ended.error().message;
    return ended.ok() ? *ended : jobs::Job{};
  }
  jobs::Job undo(const JobId& target) {
    auto job = new_job(JobType::undo);
    job.source.path.clear();
    job.target = target;
    return run_job_of(job);
  }
  jobs::Job repair(const JobId& target, Operation operation = Operation::import) {
    auto job = new_job(JobType::import, operation);
    job.target = target;
    return run_job_of(job);
  }
  std::int64_t count(const JobId& job, Outcome outcome) {
    std::int64_t sum = 0;
    auto counts = store_->items().counts(job);
    EXPECT_TRUE(counts.ok());
    for (const auto& each : *counts) sum += each.outcome == outcome ? each.items : 0;
    return sum;
  }
  /// contents() without the numbers of revisions, which grow with an undo.
  std::vector<std::string> without_revisions() {
    auto lines = contents();
    for (auto& line : lines) {
      const auto at = line.find(" r");
      if (line.starts_with("article") && at != std::string::npos) line.erase(at, line.find(' ', at + 1) - at);
    }
    return lines;
  }
};

TEST_F(UndoRunTest, TakesAFirstImportBackToNothingAndTheUndoOfItBringsAllBack) {
  make_package(package(), {});
  const auto first = run();
  EXPECT_EQ(count(first.id, Outcome::created), 56);
  const auto all = without_revisions();
  const auto back = undo(first.id);
  EXPECT_EQ(back.state, jobs::State::successful);
  EXPECT_EQ(back.counts, (jobs::Counts{56, 0, 0}));
  EXPECT_EQ(back.total, 56);
  EXPECT_TRUE(contents().empty());
  EXPECT_EQ(count(back.id, Outcome::removed), 56);
  const auto redo = undo(back.id);
  EXPECT_EQ(redo.counts, (jobs::Counts{56, 0, 0})) << log_text(redo.id);
  EXPECT_EQ(without_revisions(), all);
  EXPECT_EQ(undo(redo.id).counts.errors, 0);
  EXPECT_TRUE(contents().empty());
  // And the knowledge base is as good as new.
  EXPECT_EQ(run().counts.errors, 0);
  EXPECT_EQ(without_revisions(), all);
}

TEST_F(UndoRunTest, TakesAnUpdateBackToWhatWasThere) {
  make_package(package(), {});
  run();
  const auto before = without_revisions();
  PackageShape changed;
  changed.body_suffix = " changed";
  make_package(package(), changed);
  const auto update = run(JobType::import, Operation::reimport);
  EXPECT_EQ(count(update.id, Outcome::updated), 50);
  EXPECT_EQ(count(update.id, Outcome::unchanged), 6);
  EXPECT_NE(without_revisions(), before);
  const auto back = undo(update.id);
  EXPECT_EQ(back.counts, (jobs::Counts{50, 0, 0})) << log_text(back.id);
  EXPECT_EQ(without_revisions(), before);
}

TEST_F(UndoRunTest, LeavesAndNamesWhatSomethingNewerHasTouched) {
  make_package(package(), {});
  const auto first = run();
  // A newer job changes one article and adds one to a folder of the first.
  make_package(package(), {2, {}, {}, {}});
  write(package() / "manifest.json", "{}");
  write(package() / "knowledgehub/knowledgehub.json", "{}");
  write(package() / "knowledgehub/articles/articles.json",
        R"({"articles": [{"name": "Article 0", "folder": {"path": "Help"}, "content": "content/0.html"},
                         {"name": "New", "folder": {"path": "Products/Phones"}, "content": "content/1.html"}]})");
  const auto newer = run(JobType::import, Operation::reimport);
  EXPECT_EQ(newer.counts.errors, 0) << log_text(newer.id);
  const auto back = undo(first.id);
  EXPECT_EQ(back.state, jobs::State::successful);
  // Article 0 was changed, so Help keeps it; Phones keeps the new one, and so Products keeps Phones.
  EXPECT_EQ(back.counts.errors, 4) << log_text(back.id);
  const auto left = findings(back.id);
  ASSERT_EQ(left.size(), 4U);
  EXPECT_NE(left[0].find("undo-superseded\tarticle Help/Article 0"), std::string::npos) << left[0];
  EXPECT_NE(left[0].find(to_string(newer.id)), std::string::npos);
  EXPECT_NE(left[1].find("undo-in-use\tfolder Help"), std::string::npos) << left[1];
  EXPECT_NE(left[2].find("undo-in-use\tfolder Products/Phones"), std::string::npos) << left[2];
  EXPECT_NE(left[3].find("undo-in-use\tfolder Products"), std::string::npos) << left[3];
  EXPECT_EQ(contents().size(), 5U);
}

TEST_F(UndoRunTest, JobsAreTakenBackOneAfterTheOtherTheNewestFirst) {
  std::vector<jobs::Job> jobs;
  std::vector<std::vector<std::string>> states{{}};
  for (const char* suffix : {"", " second", " third"}) {
    PackageShape shape;
    shape.body_suffix = suffix;
    make_package(package(), shape);
    jobs.push_back(run(JobType::import, Operation::reimport));
    states.push_back(without_revisions());
  }
  std::vector<jobs::Job> undos;
  for (std::size_t left = jobs.size(); left-- > 0;) {
    undos.push_back(undo(jobs[left].id));
    EXPECT_EQ(undos.back().counts.errors, 0) << log_text(undos.back().id);
    EXPECT_EQ(without_revisions(), states[left]);
  }
  // And forward again, the newest undo first; the first import's changes, then the second's.
  for (std::size_t done = 0; done < 2; ++done) {
    const auto redo = undo(undos[2 - done].id);
    EXPECT_EQ(redo.counts.errors, 0) << log_text(redo.id);
    EXPECT_EQ(without_revisions(), states[done + 1]);
  }
  // Back once more, by the jobs themselves: their undos were undone.
  for (std::size_t left = 2; left-- > 0;) {
    EXPECT_EQ(undo(jobs[left].id).counts.errors, 0);
    EXPECT_EQ(without_revisions(), states[left]);
  }
}

TEST_F(UndoRunTest, AnotherUndoFinishesWhatOneHasLeft) {
  make_package(package(), {});
  const auto first = run();
  PackageShape changed;
  changed.body_suffix = " changed";
  make_package(package(), changed);
  const auto second = run(JobType::import, Operation::reimport);
  const auto part = undo(first.id);
  EXPECT_GT(part.counts.errors, 50) << "every article is the second's, and in a folder of the first's";
  EXPECT_NE(findings(part.id).back().find("undo-in-use"), std::string::npos);
  EXPECT_EQ(undo(second.id).counts.errors, 0);
  const auto rest = undo(first.id);
  EXPECT_EQ(rest.state, jobs::State::successful);
  EXPECT_EQ(rest.counts, (jobs::Counts{56, 0, 0})) << log_text(rest.id);
  EXPECT_TRUE(contents().empty());
  EXPECT_EQ(count(rest.id, Outcome::removed), part.counts.errors);
  EXPECT_EQ(count(rest.id, Outcome::unchanged), part.counts.successful) << "what was gone already";
  // The newest undone first, everything comes back.
  EXPECT_EQ(undo(rest.id).counts.errors, 0);
  EXPECT_EQ(undo(part.id).counts.errors, 0);
  EXPECT_EQ(contents().size(), 56U);
}

TEST_F(UndoRunTest, AJobBelowANewerOneIsLeftUntilThatIsUndone) {
  make_package(package(), {});
  run();
  const auto before = without_revisions();
  PackageShape changed;
  changed.body_suffix = " second";
  make_package(package(), changed);
  const auto second = run(JobType::import, Operation::reimport);
  changed.body_suffix = " third";
  make_package(package(), changed);
  const auto third = run(JobType::import, Operation::reimport);
  const auto now = without_revisions();
  const auto part = undo(second.id);
  EXPECT_EQ(part.counts, (jobs::Counts{0, 0, 50}));
  EXPECT_NE(findings(part.id)[0].find(to_string(third.id)), std::string::npos);
  EXPECT_EQ(without_revisions(), now);
  undo(third.id);
  EXPECT_EQ(undo(second.id).counts.errors, 0);
  EXPECT_EQ(without_revisions(), before);
}

TEST_F(UndoRunTest, GoesOnAfterEveryPossibleDeathAndEndsAlike) {
  for (int dies_at = 1; dies_at < 9; ++dies_at) {
    make_package(package(), {});
    const auto first = run();
    ASSERT_EQ(first.counts.errors, 0);
    auto job = new_job(JobType::undo);
    job.target = first.id;
    submit(job);
    FaultyStore faulty(*store_);
    faulty.before_commit = [&](int number, const storage::Batch&) -> Result<void> {
      if (number >= dies_at) return Error{ErrorCode::lease_lost, "dead"};
      return {};
    };
    EXPECT_FALSE(run_job(claim(), options(), faulty, board_, Context(clock_)).ok());
    ASSERT_TRUE(store_->jobs().end_leases().ok());
    const auto ended = run_job(claim("worker-2"), options(), *store_, board_, Context(clock_));
    ASSERT_TRUE(ended.ok());
    EXPECT_EQ(ended->counts, (jobs::Counts{56, 0, 0})) << "died at commit " << dies_at << "\n"
                                                       << log_text(job.id);
    EXPECT_TRUE(contents().empty()) << "died at commit " << dies_at;
  }
}

TEST_F(UndoRunTest, AMacroThatMovedToAnotherArticleMovesBack) {
  make_package(package(), {2, {}, {}, "\"x\": 1"});
  write(package() / "manifest.json", "{}");
  write(package() / "knowledgehub/knowledgehub.json", R"({"folders": [{"name": "Help"}]})");
  write(
      package() / "knowledgehub/articles/articles.json",
      R"({"articles": [{"name": "A", "folder": {"path": "Help"}, "content": "content/0.html", "articleMacro": "one"},
                         {"name": "B", "folder": {"path": "Help"}, "content": "content/1.html"}]})");
  run();
  write(package() / "knowledgehub/articles/articles.json",
        R"({"articles": [{"name": "A", "folder": {"path": "Help"}, "content": "content/0.html"},
                         {"name": "B", "folder": {"path": "Help"}, "content": "content/1.html", "articleMacro": "one"}]})");
  const auto moved = run(JobType::import, Operation::reimport);
  ASSERT_EQ(moved.counts.errors, 0) << log_text(moved.id);
  const auto back = undo(moved.id);
  EXPECT_EQ(back.counts.errors, 0) << log_text(back.id);
  const auto a = store_->knowledge().find_article(Department("sales"), "Help", "A", "en-US");
  ASSERT_TRUE(a.ok() && *a);
  EXPECT_EQ(**store_->knowledge().find_macro(Department("sales"), "one"), (**a).id);
}

TEST_F(UndoRunTest, ARepairRunsOnlyWhatFailedOfTheCorrectedPackage) {
  make_package(
      package(),
      {50, {}, R"(, {"name": "Lost", "folder": {"path": "Nowhere"}, "content": "content/1.html"})", {}});
  write(package() / "manifest.json", "{}");
  const auto first = run();
  EXPECT_EQ(first.counts.errors, 1);
  make_package(package(), {50,
                           " changed meanwhile",
                           R"(, {"name": "Lost", "folder": {"path": "Help"}, "content": "content/1.html"})",
                           {}});
  write(package() / "manifest.json", "{}");
  const auto before = contents();
  const auto repaired = repair(first.id);
  EXPECT_EQ(repaired.state, jobs::State::successful);
  EXPECT_EQ(repaired.counts.processed(), 1) << log_text(repaired.id);
  EXPECT_EQ(repaired.counts.errors, 0) << log_text(repaired.id);
  EXPECT_EQ(repaired.total, 1);
  EXPECT_EQ(contents().size(), before.size() + 1) << "the others are not touched";
  const auto none = repair(repaired.id);
  EXPECT_EQ(none.counts.processed(), 0);
  EXPECT_EQ(none.total, 0);
}

TEST_F(UndoRunTest, AValidationSaysWhatAnImportWouldDoAndKeepsIt) {
  make_package(package(), {});
  run();
  make_package(package(), {51, " changed", {}, {}});
  write(package() / "manifest.json", "{}");
  const auto check = run(JobType::validation, Operation::reimport);
  EXPECT_EQ(count(check.id, Outcome::created), 1);
  EXPECT_EQ(count(check.id, Outcome::updated), 50);
  EXPECT_EQ(count(check.id, Outcome::unchanged), 6);
  storage::ItemFilter filter;
  filter.outcome = Outcome::updated;
  const auto records = store_->items().list(check.id, filter);
  ASSERT_TRUE(records.ok() && !records->empty());
  const auto versions = store_->items().versions(check.id, true, records->front());
  ASSERT_TRUE(versions.ok()) << versions.error().message;
  EXPECT_NE(versions->before->body, versions->after->body);
  EXPECT_NE(versions->after->body.find(" changed"), std::string::npos);
  EXPECT_EQ(versions->after->path(), records->front().path);
  // An import of the same does just that, and its own versions say so.
  const auto done = run(JobType::import, Operation::reimport);
  EXPECT_EQ(count(done.id, Outcome::created), 1);
  EXPECT_EQ(count(done.id, Outcome::updated), 50);
  const auto written =
      store_->items().versions(done.id, false, *store_->items().get(done.id, records->front().number));
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(written->after->body, versions->after->body);
  EXPECT_EQ(written->before->body, versions->before->body);
}

}  // namespace

}  // namespace waybill::worker
