#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "api/testing.h"
#include "auth/scopes.h"
#include "base/text.h"

namespace waybill::api {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr const char* kImport =
    R"({"dataSource":{"type":"Shared file path","path":"file:///srv/a.zip"},"operation":"import"})";

class Jobs : public ApiTest {
 protected:
  static JobId id_in(const http::Response& response) {
    const std::string location = header_of(response, "Location");
    const std::string prefix = "/knowledge/contentmgr/v4/import/content/";
    EXPECT_TRUE(location.starts_with(prefix) && location.ends_with("/status")) << location;
    return parse_job_id(location.substr(prefix.size(), 36)).value_or(JobId());
  }
  http::Response status(const jobs::Job& job, const Sent& sent = {}) {
    return call("getJobStatus", {to_string(job.id)}, sent);
  }
  json::object page(const http::Response& response) { return json::parse(response.body).as_object(); }
};

TEST_F(Jobs, AnImportIsStoredBeforeItIsAccepted) {
  const auto response = call("importContent", {}, {.body = kImport});
  ASSERT_EQ(response.status, 202) << response.body;
  EXPECT_EQ(response.body, "");
  ASSERT_EQ(store.rows.size(), 1U);
  EXPECT_EQ(store.rows[0].id, id_in(response));
  EXPECT_EQ(store.rows[0].department, Department("sales"));
  EXPECT_EQ(store.rows[0].client, ClientId("client-of-sales"));
  EXPECT_EQ(woken, 1);
  EXPECT_THAT(body_of(status(store.rows[0])), HasSubstr("\"Waiting for a worker\""));
}

TEST_F(Jobs, AStoreThatFailsMeansNoJob) {
  store.broken = Error{ErrorCode::no_space, "disk full"};
  const auto response = call("importContent", {}, {.body = kImport});
  EXPECT_EQ(code_of(response), "503-100");
  EXPECT_NE(header_of(response, "Retry-After"), "");
}

TEST_F(Jobs, TheSameKeyAndBodyIsTheSameJob) {
  const Sent sent{.headers = {{"Idempotency-Key", "k"}}, .body = kImport};
  const auto first = call("importContent", {}, sent);
  const auto second = call("importContent", {}, sent);
  EXPECT_EQ(second.status, 202);
  EXPECT_EQ(id_in(first), id_in(second));
  EXPECT_EQ(store.rows.size(), 1U);
  Sent other = sent;
  other.body += " ";
  EXPECT_EQ(code_of(call("importContent", {}, other)), "409-100");
  for (const std::string& bad : {std::string(), std::string(256, 'x')}) {
    EXPECT_EQ(code_of(call("importContent", {}, {.headers = {{"Idempotency-Key", bad}}, .body = kImport})),
              "400-152");
  }
}

TEST_F(Jobs, ASourceThatMayNotBeReadIsRefused) {
  source_fault = Error{ErrorCode::permission_denied, "It lies outside of sources.file_roots."};
  const auto response = call("importContent", {}, {.body = kImport});
  EXPECT_EQ(code_of(response), "400-152");
  EXPECT_THAT(response.body, HasSubstr("sources.file_roots"));
  EXPECT_THAT(response.body, HasSubstr("dataSource.path"));
}

TEST_F(Jobs, AClientWithTooManyUnfinishedJobsWaits) {
  services.queued_per_client = 2;
  EXPECT_EQ(call("importContent", {}, {.body = kImport}).status, 202);
  EXPECT_EQ(call("importContent", {}, {.body = kImport}).status, 202);
  const auto response = call("importContent", {}, {.body = kImport});
  EXPECT_EQ(code_of(response), "429-100");
  EXPECT_NE(header_of(response, "Retry-After"), "");
  store.rows.front().state = jobs::State::successful;
  EXPECT_EQ(call("importContent", {}, {.body = kImport}).status, 202);
}

TEST_F(Jobs, TraceparentsAreCarriedWhereTheyAreWellFormed) {
  const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  call("importContent", {}, {.headers = {{"traceparent", parent}}, .body = kImport});
  EXPECT_EQ(store.rows[0].traceparent, parent);
  call("importContent", {}, {.headers = {{"traceparent", "x\ny"}}, .body = kImport});
  EXPECT_EQ(store.rows[0].traceparent, "");
}

TEST_F(Jobs, WhatIsNoJobOfTheCallersIsNotFoundAlike) {
  auto& job = add_job();
  job.department = Department("other");
  const auto unknown = call("getJobStatus", {to_string(JobId(Uuid::random()))});
  for (const std::string& id : {to_string(job.id), std::string("x"), std::string("..")}) {
    for (const char* operation : {"getJobStatus", "cancelJob", "retryJob", "listFindings", "getJobLog"}) {
      const auto response = call(operation, {id});
      EXPECT_EQ(response.status, 404) << operation;
      EXPECT_EQ(response.body, unknown.body) << operation;
    }
  }
  token = token_for("operations", {std::string(auth::kManageScope), std::string(auth::kAdminScope)});
  EXPECT_EQ(status(job).status, 200);
}

TEST_F(Jobs, APollIsAnsweredFromTheBoardOnceTheJobIsThere) {
  auto& job = add_job(jobs::State::in_progress);
  EXPECT_EQ(status(job).status, 200);
  EXPECT_EQ(store.gets, 1);
  const auto second = status(job);
  EXPECT_EQ(store.gets, 1);
  EXPECT_TRUE(second.shared_body);
  EXPECT_EQ(header_of(second, "Retry-After"), "1");
  EXPECT_EQ(header_of(second, "Content-Type"), "application/json");
  EXPECT_EQ(call("getJobStatus", {to_lower(to_string(job.id))}).status, 200);
}

TEST_F(Jobs, AnUnchangedStatusIs304) {
  auto& job = add_job(jobs::State::successful);
  const auto first = status(job);
  const std::string tag = header_of(first, "ETag");
  const auto again = status(job, {.headers = {{"If-None-Match", "\"x\", W/" + tag}}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(body_of(again), "");
  EXPECT_EQ(header_of(again, "ETag"), tag);
  EXPECT_EQ(status(job, {.headers = {{"If-None-Match", "\"x\""}}}).status, 200);
  EXPECT_EQ(header_of(first, "Retry-After"), "");
}

TEST_F(Jobs, RetryAfterReachesToTheStartOfAScheduledJob) {
  auto& job = add_job();
  job.due = now + 20s;
  EXPECT_EQ(header_of(status(job), "Retry-After"), "20");
  auto& far = add_job();
  far.due = now + 24h;
  EXPECT_EQ(header_of(status(far), "Retry-After"), "60");
}

TEST_F(Jobs, PreferWaitHoldsTheAnswerUntilTheStateChanges) {
  auto& job = add_job(jobs::State::in_progress);
  EXPECT_EQ(status(job, {.headers = {{"Prefer", "wait=30"}}}).status, 599) << "answered at once";
  auto next = jobs::status_of(job);
  next.counts.successful = 1;
  next.version += 1;
  board.publish(next);
  advance(1ms);
  EXPECT_TRUE(answers.empty()) << "progress is no new state";
  next.state = jobs::State::successful;
  next.ended = now;
  next.version += 1;
  board.publish(next);
  advance(1ms);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_THAT(body_of(answers[0]), HasSubstr("Successful"));
  EXPECT_EQ(header_of(answers[0], "Preference-Applied"), "wait=30");
  advance(60s);
  EXPECT_EQ(answers.size(), 1U) << "answered twice";
}

TEST_F(Jobs, PreferWaitEndsWithItsTime) {
  auto& job = add_job(jobs::State::in_progress);
  EXPECT_EQ(status(job, {.headers = {{"Prefer", "respond-async, wait=100"}}}).status, 599);
  advance(59s);
  EXPECT_TRUE(answers.empty());
  advance(1s);
  ASSERT_EQ(answers.size(), 1U) << "at most 60 seconds";
  EXPECT_EQ(answers[0].status, 200);
}

TEST_F(Jobs, PreferWaitOnAnEndedJobAnswersAtOnce) {
  EXPECT_EQ(status(add_job(jobs::State::failed), {.headers = {{"Prefer", "wait=30"}}}).status, 200);
  EXPECT_EQ(status(add_job(jobs::State::in_progress), {.headers = {{"Prefer", "wait=x"}}}).status, 200);
}

TEST_F(Jobs, AScheduledJobIsCancelledAtOnceAndOnlyOnce) {
  auto& job = add_job();
  const auto response = call("cancelJob", {to_string(job.id)});
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(job.cancel_requested_by, "client-of-sales");
  EXPECT_THAT(body_of(status(job)), HasSubstr("Cancelled"));
  EXPECT_EQ(code_of(call("cancelJob", {to_string(job.id)})), "409-100");
}

TEST_F(Jobs, AJobInProgressIsAskedToStop) {
  auto& job = add_job(jobs::State::in_progress);
  EXPECT_EQ(call("cancelJob", {to_string(job.id)}).status, 204);
  EXPECT_THAT(cancelled, ElementsAre(job.id));
  EXPECT_EQ(job.state, jobs::State::in_progress);
}

TEST_F(Jobs, OnlyRetryableEndsCanBeRetried) {
  auto& job = add_job(jobs::State::failed);
  EXPECT_EQ(code_of(call("retryJob", {to_string(job.id)})), "409-100");
  job.retryable = true;
  EXPECT_EQ(call("retryJob", {to_string(job.id)}).status, 202);
  EXPECT_THAT(body_of(status(job)), HasSubstr("Scheduled"));
}

TEST_F(Jobs, AreListedNewestFirstByPages) {
  add_job();
  add_job(jobs::State::successful).type = jobs::JobType::validation;
  add_job();
  add_job().department = Department("other");
  auto first = page(call("listJobs", {}, {.query = {{"limit", "2"}}}));
  ASSERT_EQ(first.at("jobs").as_array().size(), 2U);
  const std::string next(first.at("next").as_string());
  EXPECT_EQ(first.at("jobs").at(0).at("id"), json::value(to_string(store.rows[1].id)));
  auto second = page(call("listJobs", {}, {.query = {{"limit", "2"}, {"after", next}}}));
  ASSERT_EQ(second.at("jobs").as_array().size(), 1U);
  EXPECT_FALSE(second.contains("next"));
  auto filtered =
      page(call("listJobs", {}, {.query = {{"jobType", "Validation"}, {"status", "Successful"}}}));
  EXPECT_EQ(filtered.at("jobs").as_array().size(), 1U);
  for (const auto& [name, value] :
       std::initializer_list<std::pair<std::string, std::string>>{{"limit", "0"},
                                                                  {"limit", "501"},
                                                                  {"limit", "x"},
                                                                  {"status", "Sleeping"},
                                                                  {"after", "x"},
                                                                  {"jobType", "x"}}) {
    EXPECT_EQ(code_of(call("listJobs", {}, {.query = {{name, value}}})), "400-152") << name;
  }
}

TEST_F(Jobs, FindingsComeAsJsonOrALineEach) {
  auto& job = add_job(jobs::State::successful);
  for (int i = 1; i <= 3; ++i) {
    report::Finding finding;
    finding.rule = i == 3 ? report::Rule::article_name : report::Rule::reference_broken;
    finding.kind = report::ItemKind::article;
    finding.item = "Guides/A";
    finding.location = {"knowledgehub/articles/articles.json", "/articles/0", 4, 2};
    finding.message = "gone";
    reports.rows.push_back({i, report::make_entry(now, finding)});
  }
  const auto id = to_string(job.id);
  const auto response = call("listFindings", {id}, {.query = {{"limit", "2"}}});
  auto first = page(response);
  EXPECT_EQ(first.at("findings").as_array().size(), 2U);
  EXPECT_EQ(first.at("next"), 2);
  EXPECT_EQ(
      json::serialize(first.at("findings").at(0)),
      R"({"sequence":1,"time":"2024-03-01T10:00:00.000Z","severity":"warning","rule":"reference-broken",)"
      R"("kind":"article","item":"Guides/A","file":"knowledgehub/articles/articles.json",)"
      R"("pointer":"/articles/0","line":4,"column":2,"message":"gone"})");
  EXPECT_THAT(header_of(response, "Link"), HasSubstr("after=2>; rel=\"next\""));
  auto errors = page(call("listFindings", {id}, {.query = {{"severity", "error"}}}));
  EXPECT_EQ(errors.at("findings").as_array().size(), 1U);
  const auto lines = call("listFindings", {id}, {.headers = {{"Accept", "application/x-ndjson"}}});
  EXPECT_EQ(header_of(lines, "Content-Type"), "application/x-ndjson");
  EXPECT_TRUE(lines.stream) << "all of them, as they are read";
  EXPECT_EQ(code_of(call("listFindings", {id}, {.query = {{"rule", "none"}}})), "400-152");
  EXPECT_EQ(code_of(call("listFindings", {id}, {.headers = {{"Accept", "image/png"}}})), "406-100");
}

TEST_F(Jobs, TheLogIsServedWholeOrItsTail) {
  auto& job = add_job(jobs::State::in_progress);
  reports.rows.push_back({1, report::make_entry(now, report::Level::info, "first")});
  const auto whole = call("getJobLog", {to_string(job.id)});
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, "2024-03-01T10:00:00.000Z\tINFO\t-\t-\t-\tfirst\n");
  const auto tail = call("getJobLog", {to_string(job.id)}, {.headers = {{"Range", "bytes=-6"}}});
  EXPECT_EQ(tail.status, 206);
  EXPECT_EQ(tail.body, "first\n");
  const auto size = std::to_string(whole.body.size());
  EXPECT_EQ(header_of(tail, "Content-Range"), "bytes " + std::to_string(whole.body.size() - 6) + "-" +
                                                  std::to_string(whole.body.size() - 1) + "/" + size);
  const auto past = call("getJobLog", {to_string(job.id)}, {.headers = {{"Range", "bytes=" + size + "-"}}});
  EXPECT_EQ(past.status, 416);
  EXPECT_EQ(header_of(past, "Content-Range"), "bytes */" + size);
  EXPECT_EQ(call("getJobLog", {to_string(job.id)}, {.headers = {{"Range", "lines=1-"}}}).status, 200);
}

TEST_F(Jobs, HealthTellsEveryComponentWithoutAToken) {
  auto snapshot = std::make_shared<HealthSnapshot>();
  for (const char* name : {"database", "fileSystem", "externalServices", "processingEngine", "storage"}) {
    snapshot->components.push_back({name, Health::healthy, ""});
  }
  health_snapshot = snapshot;
  clock.advance(53h + 30min + 15s);
  auto well = call("getHealth", {}, {.with_token = false});
  EXPECT_EQ(well.status, 200);
  EXPECT_EQ(page(well).at("uptime"), "2d 5h 30m 15s");
  EXPECT_EQ(page(well).at("status"), "healthy");
  snapshot->components[0] = {"database", Health::unhealthy, "The database cannot be written."};
  const auto ill = call("getHealth", {}, {.with_token = false});
  EXPECT_EQ(ill.status, 503);
  EXPECT_EQ(page(ill).at("issues").at(0), "The database cannot be written.");
  EXPECT_EQ(call("getReadiness", {}, {.with_token = false}).status, 503);
  EXPECT_EQ(call("getLiveness", {}, {.with_token = false}).status, 200);
}

TEST(HealthMonitorTest, ChecksThatHangAreSaid) {
  FakeClock clock(*parse_time("2024-03-01T10:00:00.000Z"));
  HealthMonitor monitor({[] { return ComponentHealth{"database", Health::healthy, ""}; }}, clock);
  EXPECT_FALSE(monitor.latest());
  monitor.start();
  EXPECT_EQ(monitor.latest()->overall(), Health::healthy);
  monitor.stop();
  clock.advance(31s);
  EXPECT_EQ(monitor.latest()->overall(), Health::unhealthy);
}

}  // namespace
}  // namespace waybill::api
