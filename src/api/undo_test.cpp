// Undo, rerun-failed, preview and items, as far as the API decides.
#include <boost/json.hpp>

#include "api/testing.h"

namespace waybill::api {

namespace {

using jobs::JobType;
using jobs::State;

class UndoOperationTest : public ApiTest {
 protected:
  std::string id_of(const jobs::Job& job) { return to_string(job.id); }
  void add_item(knowledge::Outcome outcome, report::ItemKind kind = report::ItemKind::article) {
    items.rows.push_back({static_cast<std::int64_t>(items.rows.size()) + 1, kind, outcome, "Help/One",
                          "en-US", KnowledgeId(1000001)});
  }
};

TEST_F(UndoOperationTest, AnEndedImportIsUndoneByAJobOfItsOwn) {
  const auto& job = add_job(State::successful);
  const JobId target = job.id;
  add_item(knowledge::Outcome::created);
  const auto answer = call("undoJob", {to_string(target)});
  ASSERT_EQ(answer.status, 202) << body_of(answer);
  const auto& undo = store.rows.front();
  EXPECT_EQ(undo.type, JobType::undo);
  EXPECT_EQ(undo.target, target);
  EXPECT_EQ(undo.department, Department("sales"));
  EXPECT_NE(header_of(answer, "Location").find(id_of(undo)), std::string::npos);
  EXPECT_EQ(woken, 1);
  const auto again = call("undoJob", {to_string(target)});
  EXPECT_EQ(code_of(again), "409-100");
  EXPECT_NE(again.body.find(id_of(undo)), std::string::npos) << "names the undo";
}

TEST_F(UndoOperationTest, WhatAnUndoHasLeftIsUndoneByAnother) {
  const JobId target = add_job(State::successful).id;
  add_item(knowledge::Outcome::created);
  ASSERT_EQ(call("undoJob", {to_string(target)}).status, 202);
  store.rows.front().state = State::cancelled;
  const auto stopped = call("undoJob", {to_string(target)});
  EXPECT_NE(body_of(stopped).find("Retry that one"), std::string::npos) << body_of(stopped);
  store.rows.front().state = State::successful;
  const auto whole = call("undoJob", {to_string(target)});
  EXPECT_NE(body_of(whole).find("taken back already"), std::string::npos) << body_of(whole);
  store.rows.front().counts.errors = 1;
  EXPECT_EQ(call("undoJob", {to_string(target)}).status, 202);
}

TEST_F(UndoOperationTest, WhereTheUndosCannotBeReadNothingIsStarted) {
  auto& job = add_job(State::cancelled);
  job.counts.errors = 1;
  const std::string id = id_of(job);
  add_item(knowledge::Outcome::created);
  store.undo_broken = Error{ErrorCode::internal, "the disk is on fire"};
  for (const char* operation : {"undoJob", "rerunFailed"}) {
    EXPECT_EQ(call(operation, {id}).status, 500) << operation;
  }
  store.rows.front().state = State::successful;  // a retry asks only why it was refused
  EXPECT_EQ(call("retryJob", {id}).status, 500);
  EXPECT_EQ(store.rows.size(), 1U);
}

TEST_F(UndoOperationTest, WhatCannotBeUndoneSaysWhy) {
  add_item(knowledge::Outcome::unchanged);
  EXPECT_NE(body_of(call("undoJob", {id_of(add_job(State::successful))})).find("changed nothing"),
            std::string::npos);
  add_item(knowledge::Outcome::created);
  EXPECT_NE(body_of(call("undoJob", {id_of(add_job(State::in_progress))})).find("not ended"),
            std::string::npos);
  auto& validation = add_job(State::successful);
  validation.type = JobType::validation;
  EXPECT_EQ(code_of(call("undoJob", {id_of(validation)})), "409-100");
  EXPECT_EQ(code_of(call("undoJob", {to_string(JobId(Uuid::random()))})), "404-100");
}

TEST_F(UndoOperationTest, AStoppedUndoIsRetriedWithoutASource) {
  auto& undo = add_job(State::cancelled);
  undo.type = JobType::undo;
  undo.source.path.clear();
  source_fault = Error{ErrorCode::invalid_argument, "there is no source without a path"};
  Sent sent;
  sent.body = R"({"dataSource": {"credentials": {"username": "a", "password": "b"}}})";
  EXPECT_EQ(code_of(call("retryJob", {id_of(undo)}, sent)), "400-152");
  EXPECT_EQ(call("retryJob", {id_of(undo)}).status, 202);
}

TEST_F(UndoOperationTest, FailedItemsRunAgainFromTheSameOrAnotherPackage) {
  auto& job = add_job(State::successful);
  job.counts.errors = 1;
  job.operation = jobs::Operation::reimport;
  const JobId target = job.id;
  ASSERT_EQ(call("rerunFailed", {to_string(target)}).status, 202);
  EXPECT_EQ(store.rows.front().target, target);
  EXPECT_EQ(store.rows.front().source.path, "file:///srv/a.zip");
  EXPECT_EQ(store.rows.front().operation, jobs::Operation::reimport);
  Sent sent;
  sent.body =
      R"({"dataSource": {"type": "Shared file path", "path": "file:///srv/b.zip"}, "operation": "import"})";
  ASSERT_EQ(call("rerunFailed", {to_string(target)}, sent).status, 202);
  EXPECT_EQ(store.rows.front().source.path, "file:///srv/b.zip");
  EXPECT_EQ(store.rows.front().operation, jobs::Operation::import);
  sent.body = R"({"datasource": {}})";
  EXPECT_EQ(code_of(call("rerunFailed", {to_string(target)}, sent)), "400-152");
}

TEST_F(UndoOperationTest, WhereNothingFailedNothingRunsAgain) {
  EXPECT_EQ(code_of(call("rerunFailed", {id_of(add_job(State::successful))})), "409-100");
  EXPECT_EQ(code_of(call("rerunFailed", {id_of(add_job(State::in_progress))})), "409-100");
  EXPECT_EQ(call("rerunFailed", {id_of(add_job(State::cancelled))}).status, 202) << "what was not reached";
}

TEST_F(UndoOperationTest, PreviewCountsByOutcomeAndKind) {
  auto& job = add_job(State::successful);
  job.type = JobType::validation;
  add_item(knowledge::Outcome::created);
  add_item(knowledge::Outcome::created, report::ItemKind::folder);
  add_item(knowledge::Outcome::refused);
  const auto body = boost::json::parse(call("previewJob", {id_of(job)}).body).as_object();
  EXPECT_EQ(body.at("counts").at("created"), 2);
  EXPECT_EQ(body.at("counts").at("refused"), 1);
  EXPECT_EQ(body.at("kinds").at("folder").at("created"), 1);
  EXPECT_EQ(body.at("kinds").at("topic").at("created"), 0);
  EXPECT_TRUE(body.at("complete").as_bool());
}

TEST_F(UndoOperationTest, AnItemShowsWhatWouldDiffer) {
  auto& job = add_job(State::successful);
  job.type = JobType::validation;
  add_item(knowledge::Outcome::updated);
  EXPECT_EQ(code_of(call("getItem", {id_of(job), "1"})), "409-100") << "no longer kept";
  storage::Versions versions;
  versions.before.emplace().body = "<p>old</p>";
  versions.before->description = "same";
  versions.before->keywords = "gone";
  versions.after.emplace().body = "<p>new</p>";
  versions.after->description = "same";
  versions.after->summary = "come";
  items.kept = versions;
  const auto body = boost::json::parse(call("getItem", {id_of(job), "1"}).body).as_object();
  const auto& members = body.at("difference").at("members").as_array();
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].at("name"), "articleKeywords");
  EXPECT_EQ(members[0].at("before"), "gone");
  EXPECT_EQ(members[1].at("after"), "come");
  EXPECT_TRUE(body.at("difference").at("body").at("changed").as_bool());
  EXPECT_EQ(code_of(call("getItem", {id_of(job), "2"})), "404-100");
  EXPECT_EQ(code_of(call("getItem", {id_of(job), "1x"})), "404-100");
  EXPECT_EQ(code_of(call("listItems", {id_of(job)}, {.query = {{"outcome", "Created"}}})), "400-152");
}

}  // namespace

}  // namespace waybill::api
