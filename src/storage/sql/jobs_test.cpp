#include "storage/sql/jobs.h"

#include <gmock/gmock.h>

#include <mutex>
#include <set>
#include <thread>

#include "storage/testing/store_fixture.h"

namespace waybill::storage {
namespace {

using jobs::Event;
using jobs::Job;
using jobs::JobType;
using jobs::State;
using std::chrono::hours;

class JobsTest : public StoreTest {
 protected:
  static jobs::JobFilter where(auto set) {
    jobs::JobFilter filter;
    set(filter);
    return filter;
  }
  jobs::JobStore& jobs() { return store_->jobs(); }
  jobs::IdempotencyKey key(std::string_view body) const {
    return {"key-1", std::string(as_bytes(hash_ = sha256(body)))};
  }
  jobs::Ending ending(Event event) const { return {event, clock_.now(), "", false, ""}; }
  std::vector<std::string> messages(const JobId& id) {
    std::vector<std::string> found;
    const auto entries = store_->reports().entries(id, 0, 100);
    for (const auto& entry : *entries) found.push_back(entry.entry.finding.message);
    return found;
  }

 private:
  mutable Sha256 hash_{};
};

TEST_P(JobsTest, KeepsAJobAcrossAReopen) {
  Job job = new_job();
  job.operation = jobs::Operation::reimport;
  job.source.type = jobs::SourceType::s3;
  job.source.region = "us-east-1";
  job.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  job.due = clock_.now() + hours(1);
  job.stop = clock_.now() + hours(2);
  add_job(job);
  reopen();
  const auto read = jobs().get(job.id);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->id, job.id);
  EXPECT_EQ(read->department, job.department);
  EXPECT_EQ(read->client, job.client);
  EXPECT_EQ(read->operation, jobs::Operation::reimport);
  EXPECT_EQ(read->source.type, jobs::SourceType::s3);
  EXPECT_EQ(read->source.path, job.source.path);
  EXPECT_EQ(read->source.region, "us-east-1");
  EXPECT_EQ(read->traceparent, job.traceparent);
  EXPECT_EQ(read->created, job.created);
  EXPECT_EQ(read->due, job.due);
  EXPECT_EQ(read->stop, job.stop);
  EXPECT_EQ(read->state, State::scheduled);
  EXPECT_EQ(read->started, std::nullopt);
  EXPECT_EQ(read->total, std::nullopt);
  EXPECT_EQ(read->epoch, Epoch(0));
  EXPECT_EQ(jobs().get(JobId(Uuid::random())).error().code, ErrorCode::not_found);
}

TEST_P(JobsTest, SealsCredentialsAndWipesThemAtTheEnd) {
  Job job = new_job();
  job.source.credentials = Secret(R"({"secretAccessKey":"wJalrXUtnFEMI"})");
  add_job(job);
  EXPECT_EQ(jobs().get(job.id)->source.credentials.reveal(), job.source.credentials.reveal());
  EXPECT_TRUE(jobs().list({})->at(0).source.credentials.empty());
  EXPECT_FALSE(database_->jobs_hold("wJalrXUtnFEMI")) << "in the open";
  EXPECT_TRUE(database_->jobs_hold("package.zip")) << "the look itself finds what is there";
  const auto claimed = claim();
  EXPECT_EQ(claimed->source.credentials.reveal(), job.source.credentials.reveal());
  ASSERT_TRUE(jobs().end(job.id, claimed->epoch, ending(Event::finish)).ok());
  EXPECT_TRUE(jobs().get(job.id)->source.credentials.empty());
}

TEST_P(JobsTest, ReleasedJobKeepsItsCredentials) {
  Job job = new_job();
  job.source.credentials = Secret("{}x");
  add_job(job);
  ASSERT_TRUE(jobs().end(job.id, claim()->epoch, ending(Event::release)).ok());
  EXPECT_EQ(claim()->source.credentials.reveal(), "{}x");
}

TEST_P(JobsTest, SameKeyAndBodyIsTheSameJobForADay) {
  const Job first = new_job();
  const auto made = jobs().create(first, key("body"));
  ASSERT_TRUE(made.ok());
  EXPECT_FALSE(made->replayed);
  reopen();
  clock_.advance(hours(24) - Milliseconds(1));
  const auto again = jobs().create(new_job(), key("body"));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->id, first.id);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(jobs().list({})->size(), 1U);
}

TEST_P(JobsTest, SameKeyWithAnotherBodyIsRefused) {
  ASSERT_TRUE(jobs().create(new_job(), key("body")).ok());
  EXPECT_EQ(jobs().create(new_job(), key("other")).error().code, ErrorCode::conflict);
  EXPECT_EQ(jobs().list({})->size(), 1U);
}

TEST_P(JobsTest, KeyIsForgottenAfterADay) {
  ASSERT_TRUE(jobs().create(new_job(), key("body")).ok());
  clock_.advance(hours(24));
  const Job second = new_job();
  const auto made = jobs().create(second, key("other"));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->id, second.id);
  EXPECT_FALSE(made->replayed);
}

TEST_P(JobsTest, KeysOfOtherClientsAreOtherKeys) {
  ASSERT_TRUE(jobs().create(new_job(), key("body")).ok());
  Job other = new_job();
  other.client = ClientId("client-2");
  const auto made = jobs().create(other, key("other"));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->id, other.id);
}

TEST_P(JobsTest, ListsNewestFirstByPagesAndFilters) {
  std::vector<JobId> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(
        add_job(new_job(i == 1 ? kLegal : kSales, i == 2 ? JobType::validation : JobType::import)).id);
  }
  const auto listed = [&](jobs::JobFilter filter) {
    std::vector<JobId> found;
    const auto list = jobs().list(filter);
    EXPECT_TRUE(list.ok());
    for (const Job& job : *list) found.push_back(job.id);
    return found;
  };
  using testing::ElementsAre;
  EXPECT_THAT(listed({}), ElementsAre(ids[4], ids[3], ids[2], ids[1], ids[0]));
  EXPECT_THAT(listed(where([&](auto& f) { f.limit = 2; })), ElementsAre(ids[4], ids[3]));
  EXPECT_THAT(listed(where([&](auto& f) {
                f.after = ids[3];
                f.limit = 2;
              })),
              ElementsAre(ids[2], ids[1]));
  EXPECT_THAT(listed(where([&](auto& f) {
                f.department = kSales;
                f.after = ids[3];
              })),
              ElementsAre(ids[2], ids[0]));
  EXPECT_THAT(listed(where([&](auto& f) { f.department = kLegal; })), ElementsAre(ids[1]));
  EXPECT_THAT(listed(where([&](auto& f) { f.type = JobType::validation; })), ElementsAre(ids[2]));
  EXPECT_THAT(listed(where([&](auto& f) {
                f.department = kLegal;
                f.type = JobType::validation;
              })),
              ElementsAre());
  ASSERT_TRUE(jobs().request_cancel(ids[0], ClientId("c"), clock_.now()).ok());
  EXPECT_THAT(listed(where([&](auto& f) { f.state = State::cancelled; })), ElementsAre(ids[0]));
  EXPECT_EQ(jobs()
                .list(where([&](auto& f) {
                  f.department = kLegal;
                  f.after = ids[0];
                }))
                .error()
                .code,
            ErrorCode::not_found)
      << "a job of another department is no place to go on from";
}

TEST_P(JobsTest, ClaimTakesTheOldestDueFirstAndNothingBeforeItsTime) {
  Job later = new_job(kSales);
  later.due = clock_.now() + hours(2);
  add_job(later);
  Job sooner = new_job(kLegal);
  sooner.due = clock_.now() + hours(1);
  add_job(sooner);
  EXPECT_EQ(claim(), std::nullopt);
  EXPECT_EQ(*jobs().next_due(clock_.now()), sooner.due);
  clock_.advance(hours(2));
  const auto first = claim();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->id, sooner.id);
  EXPECT_EQ(first->state, State::in_progress);
  EXPECT_EQ(first->epoch, Epoch(1));
  EXPECT_EQ(first->owner, "worker-1");
  EXPECT_EQ(first->started, clock_.now());
  EXPECT_EQ(first->lease_until, clock_.now() + Milliseconds(10'000));
  EXPECT_EQ(claim()->id, later.id);
  EXPECT_EQ(claim(), std::nullopt);
}

TEST_P(JobsTest, OneImportADepartmentIsInProgressValidationsBesideIt) {
  const Job first = add_job(new_job(kSales));
  const Job second = add_job(new_job(kSales));
  const Job checked = add_job(new_job(kSales, JobType::validation));
  const Job checked_too = add_job(new_job(kSales, JobType::validation));
  const Job elsewhere = add_job(new_job(kLegal));
  const auto running = claim("a");
  EXPECT_EQ(running->id, first.id);
  EXPECT_EQ(claim("b")->id, checked.id);
  EXPECT_EQ(claim("b")->id, checked_too.id);
  EXPECT_EQ(claim("b")->id, elsewhere.id);
  EXPECT_EQ(claim("b"), std::nullopt) << "the second import of the department has to wait";
  ASSERT_TRUE(jobs().end(first.id, running->epoch, ending(Event::finish)).ok());
  EXPECT_EQ(claim("b")->id, second.id);
}

TEST_P(JobsTest, WorkerTakesNoMoreThanItMayRun) {
  for (int i = 0; i < 3; ++i) add_job(new_job(Department("d" + std::to_string(i))));
  const jobs::ClaimLimits two{.running_jobs = 2};
  EXPECT_TRUE(claim("a", two).has_value());
  EXPECT_TRUE(claim("a", two).has_value());
  EXPECT_EQ(claim("a", two), std::nullopt);
  EXPECT_TRUE(claim("b", two).has_value()) << "the limit is each worker's own";
}

TEST_P(JobsTest, JobWhoseLeaseRanOutIsTakenOverAndTheFormerOwnerIsShutOut) {
  const Job waiting_behind = [&] {
    const Job job = running_job();
    return add_job(new_job(job.department));
  }();
  const JobId id = jobs().list(where([&](auto& f) { f.state = State::in_progress; }))->at(0).id;
  const Time started = clock_.now();
  EXPECT_EQ(*jobs().next_due(clock_.now()), clock_.now() + Milliseconds(10'000));
  // One that has run out and could not be taken is looked for again soon.
  EXPECT_EQ(*jobs().next_due(clock_.now() + Milliseconds(11'000)), clock_.now() + Milliseconds(11'250));
  clock_.advance(Milliseconds(9'999));
  EXPECT_EQ(claim("worker-2"), std::nullopt);
  clock_.advance(Milliseconds(1));
  const auto taken = claim("worker-2");
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->id, id) << "not " << to_string(waiting_behind.id)
                           << ", whose department is still importing";
  EXPECT_EQ(taken->epoch, Epoch(2));
  EXPECT_EQ(taken->owner, "worker-2");
  EXPECT_EQ(taken->started, started);
  EXPECT_EQ(jobs().renew(id, Epoch(1), clock_.now() + hours(1)).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(jobs().end(id, Epoch(1), ending(Event::finish)).error().code, ErrorCode::lease_lost);
  EXPECT_TRUE(jobs().renew(id, Epoch(2), clock_.now() + hours(1)).ok());
  clock_.advance(Milliseconds(30'000));
  EXPECT_EQ(claim("worker-1"), std::nullopt);
}

TEST_P(JobsTest, ReleasedJobIsTakenAtOnceAndStaysInProgress) {
  const Job job = running_job();
  const auto released = jobs().end(job.id, job.epoch, ending(Event::release));
  ASSERT_TRUE(released.ok());
  EXPECT_EQ(released->state, State::in_progress);
  EXPECT_EQ(released->owner, "");
  EXPECT_EQ(released->ended, std::nullopt);
  EXPECT_EQ(jobs().renew(job.id, job.epoch, clock_.now()).ok(), true) << "nobody else has it yet";
  const auto next = claim("worker-2");
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->id, job.id);
  EXPECT_EQ(next->epoch, Epoch(2));
}

TEST_P(JobsTest, EndsInTheStateOfItsEventAndOnlyOnce) {
  const Job job = running_job();
  const auto failed =
      jobs().end(job.id, job.epoch, {Event::fail, clock_.now(), "the share is away", true, "file:///l.txt"});
  ASSERT_TRUE(failed.ok());
  EXPECT_EQ(failed->state, State::failed);
  EXPECT_EQ(failed->error, "the share is away");
  EXPECT_TRUE(failed->retryable);
  EXPECT_EQ(failed->log_location, "file:///l.txt");
  EXPECT_EQ(failed->ended, clock_.now());
  EXPECT_EQ(failed->lease_until, std::nullopt);
  EXPECT_GT(failed->version, job.version);
  EXPECT_EQ(jobs().end(job.id, job.epoch, ending(Event::finish)).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(claim(), std::nullopt);
  const Job other = running_job();
  EXPECT_EQ(jobs().end(other.id, other.epoch, ending(Event::claim)).error().code,
            ErrorCode::invalid_argument);
}

TEST_P(JobsTest, AnEndTakesTheWorkersNextJob) {
  const Job job = running_job();
  const Job waiting = add_job(new_job(job.department));
  const jobs::ClaimLimits one_job{1, Milliseconds(10'000)};
  const jobs::Ending done{Event::finish, clock_.now(), "", false, "", "Ended."};
  const auto both = jobs().end_and_claim(job.id, job.epoch, done, clock_.now(), "worker-1", one_job);
  ASSERT_TRUE(both.ok()) << both.error().message;
  EXPECT_EQ(both->ended.state, State::successful);
  EXPECT_EQ(both->ended.ended, clock_.now());
  EXPECT_EQ(messages(job.id), std::vector<std::string>{"Ended."});
  ASSERT_TRUE(both->next) << "its place among the worker's jobs and its department are free";
  EXPECT_EQ(both->next->id, waiting.id);
  EXPECT_EQ(both->next->state, State::in_progress);
  EXPECT_EQ(both->next->owner, "worker-1");
  EXPECT_EQ(both->next->epoch, Epoch(1));
  EXPECT_EQ(both->next->lease_until, clock_.now() + one_job.lease);
  EXPECT_EQ(claim(), std::nullopt);
  const auto last = jobs().end_and_claim(waiting.id, both->next->epoch, ending(Event::finish), clock_.now(),
                                         "worker-1", one_job);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->next, std::nullopt);
}

TEST_P(JobsTest, WhereAJobDoesNotEndNoneIsTakenInItsPlace) {
  const Job job = running_job();
  add_job(new_job());
  const auto try_to_end = [&](Epoch epoch, Event event) {
    return jobs().end_and_claim(job.id, epoch, ending(event), clock_.now(), "worker-1", {});
  };
  EXPECT_EQ(try_to_end(Epoch(7), Event::finish).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(try_to_end(Epoch(7), Event::fail).error().code, ErrorCode::lease_lost);
  ASSERT_TRUE(jobs().request_cancel(job.id, ClientId("client-9"), clock_.now()).ok());
  EXPECT_EQ(try_to_end(job.epoch, Event::finish).error().code, ErrorCode::cancelled);
  EXPECT_EQ(jobs().list(where([](auto& f) { f.state = State::in_progress; }))->size(), 1U);
  const auto cancelled = try_to_end(job.epoch, Event::cancel);
  ASSERT_TRUE(cancelled.ok());
  EXPECT_EQ(cancelled->ended.state, State::cancelled);
  EXPECT_TRUE(cancelled->next);
}

TEST_P(JobsTest, WorkersThatEndAtTheSameTimeTakeEachJobOnce) {
  constexpr int kWorkers = 4;
  constexpr std::size_t kJobs = 60;
  std::set<JobId> made;
  for (std::size_t i = 0; i < kJobs; ++i) {
    // Validations, and imports that wait for each other in three departments.
    Job job = new_job(Department("department " + std::to_string(i % 3)));
    job.type = i % 2 == 0 ? JobType::validation : JobType::import;
    made.insert(add_job(job).id);
  }
  std::mutex mutex;
  std::vector<JobId> run;
  const jobs::ClaimLimits limits{kWorkers, Milliseconds(10'000)};
  const auto work = [&] {
    for (;;) {
      auto job = jobs().claim(clock_.now(), "worker-1", limits);
      ASSERT_TRUE(job.ok()) << job.error().message << " / " << job.error().detail;
      if (!*job) return;
      while (*job) {
        {
          const std::lock_guard lock(mutex);
          run.push_back((*job)->id);
        }
        auto both = jobs().end_and_claim((*job)->id, (*job)->epoch, ending(Event::finish), clock_.now(),
                                         "worker-1", limits);
        ASSERT_TRUE(both.ok()) << both.error().message << " / " << both.error().detail;
        ASSERT_EQ(both->ended.id, (*job)->id);
        *job = std::move(both->next);
      }
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  work();  // what waited for its department while the last worker looked
  EXPECT_EQ(run.size(), kJobs);
  EXPECT_EQ(std::set<JobId>(run.begin(), run.end()), made);
  EXPECT_EQ(jobs().list(where([](auto& f) { f.state = State::successful, f.limit = 1'000; }))->size(), kJobs);
}

TEST_P(JobsTest, TheLogsClosingLineIsWrittenWithTheEndOrNotAtAll) {
  const Job job = running_job();
  const jobs::Ending ending{Event::fail, clock_.now(), "the share is away", true, "", "Failed: away."};
  EXPECT_EQ(jobs().end(job.id, Epoch(7), ending).error().code, ErrorCode::lease_lost);
  EXPECT_TRUE(store_->reports().entries(job.id, 0, 10)->empty());
  ASSERT_TRUE(jobs().end(job.id, job.epoch, ending).ok());
  const auto entries = store_->reports().entries(job.id, 0, 10);
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ(entries->front().entry.finding.message, "Failed: away.");
  EXPECT_EQ(entries->front().entry.level, report::Level::error);
}

TEST_P(JobsTest, AJobWhoseCancelWasAcknowledgedDoesNotFinish) {
  const Job job = running_job();
  ASSERT_TRUE(jobs().request_cancel(job.id, ClientId("client-9"), clock_.now()).ok());
  EXPECT_EQ(jobs().end(job.id, job.epoch, ending(Event::finish)).error().code, ErrorCode::cancelled);
  EXPECT_EQ(jobs().get(job.id)->state, State::in_progress);
  EXPECT_EQ(jobs().end(job.id, job.epoch, ending(Event::cancel))->state, State::cancelled);
}

TEST_P(JobsTest, CancelOfAScheduledJobTakesEffectAtOnce) {
  Job job = new_job();
  job.source.credentials = Secret("x");
  add_job(job);
  const auto state = jobs().request_cancel(job.id, ClientId("client-9"), clock_.now());
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(*state, State::cancelled);
  const auto read = jobs().get(job.id);
  EXPECT_EQ(read->ended, clock_.now());
  EXPECT_EQ(read->cancel_requested_by, "client-9");
  EXPECT_TRUE(read->source.credentials.empty());
  EXPECT_EQ(read->version, 2);
  EXPECT_THAT(messages(job.id), testing::ElementsAre(testing::HasSubstr("client-9")));
  EXPECT_EQ(claim(), std::nullopt);
  EXPECT_EQ(jobs().request_cancel(job.id, ClientId("c"), clock_.now()).error().code, ErrorCode::conflict);
}

TEST_P(JobsTest, CancelOfAJobInProgressIsNotedForItsOwner) {
  const Job job = running_job();
  EXPECT_FALSE(jobs().renew(job.id, job.epoch, clock_.now() + hours(1))->cancel_requested);
  EXPECT_EQ(*jobs().request_cancel(job.id, ClientId("client-9"), clock_.now()), State::in_progress);
  EXPECT_EQ(*jobs().request_cancel(job.id, ClientId("client-8"), clock_.now()), State::in_progress);
  const auto answer = jobs().renew(job.id, job.epoch, clock_.now() + hours(1));
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->cancel_requested);
  EXPECT_EQ(answer->cancel_requested_by, "client-9") << "the first who asked";
  EXPECT_EQ(jobs().end(job.id, job.epoch, ending(Event::cancel))->state, State::cancelled);
}

TEST_P(JobsTest, CancelOfWhatHasEndedIsAConflictAndOfWhatIsNotThereNotFound) {
  for (const Event event : {Event::finish, Event::fail, Event::cancel}) {
    const Job job = running_job();
    ASSERT_TRUE(jobs().end(job.id, job.epoch, ending(event)).ok());
    EXPECT_EQ(jobs().request_cancel(job.id, ClientId("c"), clock_.now()).error().code, ErrorCode::conflict);
  }
  EXPECT_EQ(jobs().request_cancel(JobId(Uuid::random()), ClientId("c"), clock_.now()).error().code,
            ErrorCode::not_found);
}

TEST_P(JobsTest, RetryGoesOnFromWhereItStopped) {
  const Job job = running_job();
  Batch batch = batch_of(job);
  batch.total = 10;
  batch.counts = {2, 1, 1};
  batch.position = 4;
  ASSERT_TRUE(store_->commit(batch).ok());
  EXPECT_EQ(jobs().retry(job.id, ClientId("c"), clock_.now(), {}).error().code, ErrorCode::conflict);
  ASSERT_TRUE(jobs().end(job.id, job.epoch, {Event::fail, clock_.now(), "away", true, ""}).ok());
  clock_.advance(hours(1));
  const auto retried = jobs().retry(job.id, ClientId("client-9"), clock_.now(), Secret("a new key"));
  ASSERT_TRUE(retried.ok());
  EXPECT_EQ(retried->state, State::scheduled);
  EXPECT_EQ(retried->error, "");
  EXPECT_EQ(retried->ended, std::nullopt);
  EXPECT_THAT(messages(job.id), testing::ElementsAre(testing::HasSubstr("client-9")));
  const auto again = claim();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->position, 4);
  EXPECT_EQ(again->counts, (jobs::Counts{2, 1, 1}));
  EXPECT_EQ(again->total, 10);
  EXPECT_EQ(again->epoch, Epoch(2));
  EXPECT_EQ(again->source.credentials.reveal(), "a new key");
}

TEST_P(JobsTest, FailureOfTheInputIsNotRetried) {
  const Job job = running_job();
  ASSERT_TRUE(jobs().end(job.id, job.epoch, {Event::fail, clock_.now(), "no zip", false, ""}).ok());
  EXPECT_EQ(jobs().retry(job.id, ClientId("c"), clock_.now(), {}).error().code, ErrorCode::conflict);
  EXPECT_EQ(jobs().retry(JobId(Uuid::random()), ClientId("c"), clock_.now(), {}).error().code,
            ErrorCode::not_found);
}

TEST_P(JobsTest, VersionGrowsWithEveryChangeThatAStatusShows) {
  const Job job = add_job(new_job());
  std::int64_t version = jobs().get(job.id)->version;
  const auto grown = [&](const char* what) {
    const std::int64_t now = jobs().get(job.id)->version;
    EXPECT_GT(now, version) << what;
    version = now;
  };
  const auto claimed = claim();
  grown("claim");
  ASSERT_TRUE(jobs().renew(job.id, claimed->epoch, clock_.now()).ok());
  EXPECT_EQ(jobs().get(job.id)->version, version) << "a lease is not shown";
  ASSERT_TRUE(store_->commit(batch_of(*claimed)).ok());
  grown("commit");
  ASSERT_TRUE(jobs().request_cancel(job.id, ClientId("c"), clock_.now()).ok());
  grown("cancel");
  ASSERT_TRUE(jobs().end(job.id, claimed->epoch, ending(Event::cancel)).ok());
  grown("end");
  ASSERT_TRUE(jobs().retry(job.id, ClientId("c"), clock_.now(), {}).ok());
  grown("retry");
}

TEST_P(JobsTest, PrunesWhatEndedLongAgoWithAllThatItLeft) {
  const Job old = running_job();
  Batch batch = batch_of(old, {change(knowledge::Folder{"Help", ""}), change(article("Help", "One"))});
  constexpr int kEntries = 5'000;  // more than one step takes
  for (int i = 0; i < kEntries; ++i) {
    batch.entries.push_back(
        report::make_entry(clock_.now(), report::Level::info, "line " + std::to_string(i)));
  }
  batch.records.push_back(
      {{1, report::ItemKind::article, knowledge::Outcome::created, "Help/One", "en-US", {}}, 1});
  ASSERT_TRUE(store_->commit(batch).ok());
  ASSERT_TRUE(jobs().end(old.id, old.epoch, ending(Event::finish)).ok());
  clock_.advance(hours(48));
  const Job fresh = running_job(kLegal);
  ASSERT_TRUE(jobs().end(fresh.id, fresh.epoch, ending(Event::finish)).ok());
  const Job open = running_job(kLegal);

  const auto pruned = jobs().prune(clock_.now() - hours(24));
  ASSERT_TRUE(pruned.ok()) << pruned.error().message << " / " << pruned.error().detail;
  EXPECT_EQ(*pruned, std::optional(old.id));
  EXPECT_EQ(jobs().get(old.id).error().code, ErrorCode::not_found);
  for (const char* table : {"log_entries", "job_items", "job_contents"}) {
    EXPECT_EQ(database_->read_integer("SELECT count(*) FROM " + std::string(table) +
                                      " WHERE job NOT IN (SELECT number FROM jobs)"),
              0)
        << table;
  }
  EXPECT_EQ(database_->read_integer("SELECT count(*) FROM articles"), 1) << "what it wrote stays";
  EXPECT_EQ(*jobs().prune(clock_.now() - hours(24)), std::nullopt);
  EXPECT_TRUE(jobs().get(fresh.id).ok());
  EXPECT_TRUE(jobs().get(open.id).ok());
}

TEST_P(JobsTest, PrunesNoJobThatALaterOneStandsOn) {
  const Job import = running_job();
  ASSERT_TRUE(jobs().end(import.id, import.epoch, ending(Event::finish)).ok());
  clock_.advance(hours(48));
  Job undo = new_job(kSales, JobType::undo);
  undo.target = import.id;
  add_job(undo);
  EXPECT_EQ(*jobs().prune(clock_.now()), std::nullopt);
  const auto claimed = claim();
  ASSERT_TRUE(jobs().end(undo.id, claimed->epoch, ending(Event::finish)).ok());
  EXPECT_EQ(*jobs().prune(clock_.now() - hours(24)), std::nullopt) << "the undo says what became of it";
  clock_.advance(hours(48));
  EXPECT_EQ(*jobs().prune(clock_.now() - hours(24)), std::optional(undo.id));
  EXPECT_EQ(*jobs().prune(clock_.now() - hours(24)), std::optional(import.id));
}

TEST_P(JobsTest, PrunesNoJobThatWasRetried) {
  const Job job = running_job();
  ASSERT_TRUE(jobs().end(job.id, job.epoch, {Event::fail, clock_.now(), "away", true, ""}).ok());
  clock_.advance(hours(48));
  ASSERT_TRUE(jobs().retry(job.id, ClientId("c"), clock_.now(), {}).ok());
  EXPECT_EQ(*jobs().prune(clock_.now()), std::nullopt);
}

WAYBILL_ON_EACH_DATABASE(JobsTest);

}  // namespace
}  // namespace waybill::storage
