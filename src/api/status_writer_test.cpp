#include "api/status_writer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace waybill::api {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const Time kStart = *parse_time("2024-03-01T10:00:00.000Z");

jobs::Status seed_status() {
  jobs::Status status;
  status.id = *parse_job_id("7A84B875-6F75-4C7B-B137-0632B62DB0BD");
  status.state = jobs::State::in_progress;
  status.phase = jobs::Phase::processing;
  status.due = kStart;
  status.started = kStart;
  status.total = 5000;
  status.counts = {1250, 0, 0};
  status.log_location = "s3://mybucket/logs/import-logs-7A84B875-6F75-4C7B-B137-0632B62DB0BD.txt";
  return status;
}

std::string written(const jobs::Status& status, Time now) {
  return json::serialize(status_object(status, now));
}

TEST(StatusObject, InProgressIsTheSeedsExample) {
  auto status = seed_status();
  status.estimated_completion = *parse_time("2024-03-01T11:30:00.000Z");
  EXPECT_EQ(written(status, kStart + 22min),
            R"({"status":"In Progress","jobType":"Import",)"
            R"("progress":{"processed":1250,"total":5000,"percentage":25},)"
            R"("logFileLocation":"s3://mybucket/logs/import-logs-7A84B875-6F75-4C7B-B137-0632B62DB0BD.txt",)"
            R"("startTime":"2024-03-01T10:00:00.000Z","estimatedCompletion":"2024-03-01T11:30:00.000Z",)"
            R"("currentOperation":"Processing content items"})");
}

TEST(StatusObject, SuccessfulValidationIsTheSeedsExample) {
  auto status = seed_status();
  status.type = jobs::JobType::validation;
  status.state = jobs::State::successful;
  status.counts = {4985, 10, 5};
  status.ended = *parse_time("2024-03-01T11:15:00.000Z");
  EXPECT_EQ(written(status, kStart + 2h),
            R"({"status":"Successful","jobType":"Validation",)"
            R"("progress":{"processed":5000,"total":5000,"percentage":100},)"
            R"("logFileLocation":"s3://mybucket/logs/import-logs-7A84B875-6F75-4C7B-B137-0632B62DB0BD.txt",)"
            R"("startTime":"2024-03-01T10:00:00.000Z","completionTime":"2024-03-01T11:15:00.000Z",)"
            R"("results":{"successful":4985,"warnings":10,"errors":5}})");
}

TEST(StatusObject, FailedHasTheSeedsMembersAndResults) {
  auto status = seed_status();
  status.state = jobs::State::failed;
  status.ended = *parse_time("2024-03-01T10:45:00.000Z");
  status.error = "Database connection timeout after processing 1250 items";
  status.retryable = true;
  const auto object = status_object(status, kStart + 1h);
  EXPECT_EQ(object.at("failureTime"), "2024-03-01T10:45:00.000Z");
  EXPECT_EQ(object.at("error"), "Database connection timeout after processing 1250 items");
  EXPECT_EQ(object.at("retryable"), true);
  EXPECT_EQ(object.at("results").at("successful"), 1250);
  EXPECT_FALSE(object.contains("completionTime"));
  EXPECT_FALSE(object.contains("currentOperation"));
}

TEST(StatusObject, ScheduledShowsWhenItWillStartAndOnceDueThatItWaits) {
  jobs::Status status;
  status.due = kStart;
  status.stop = kStart + 1h;
  EXPECT_EQ(written(status, kStart - 1s),
            R"({"status":"Scheduled","jobType":"Import","startTime":"2024-03-01T10:00:00.000Z",)"
            R"("scheduledStopTime":"2024-03-01T11:00:00.000Z"})");
  EXPECT_EQ(status_object(status, kStart).at("currentOperation"), "Waiting for a worker");
}

TEST(StatusObject, PercentageIsRoundedDownAndAHundredOnlyAtTheEnd) {
  auto status = seed_status();
  const auto percentage = [&](std::int64_t processed, std::int64_t total) {
    status.counts = {processed, 0, 0};
    status.total = total;
    return status_object(status, kStart).at("progress").at("percentage").as_int64();
  };
  EXPECT_EQ(percentage(0, 3), 0);
  EXPECT_EQ(percentage(2, 3), 66);
  EXPECT_EQ(percentage(99'999, 100'000), 99);
  EXPECT_EQ(percentage(100'000, 100'000), 100);
  EXPECT_EQ(percentage(0, 0), 100);
}

TEST(StatusObject, AnEstimateIsNeverInThePast) {
  auto status = seed_status();
  status.estimated_completion = kStart + 1min;
  EXPECT_EQ(status_object(status, kStart + 90s + 1ms).at("estimatedCompletion"), "2024-03-01T10:01:31.000Z");
}

TEST(StatusWriter, WritesASnapshotOnceUntilTimeChangesWhatItSays) {
  StatusWriter writer;
  jobs::Status waiting;
  waiting.due = kStart;
  const auto status = std::make_shared<const jobs::Status>(waiting);
  const auto first = writer.write(status, kStart - 2s);
  const auto second = writer.write(status, kStart - 1s);
  EXPECT_EQ(first.body, second.body) << "the same bytes, not equal ones";
  const auto due = writer.write(status, kStart);
  EXPECT_NE(*due.body, *first.body);
  EXPECT_NE(due.etag, first.etag);
}

TEST(StatusWriter, TheTagStandsForTheBytes) {
  StatusWriter writer;
  const auto one = writer.write(std::make_shared<const jobs::Status>(seed_status()), kStart);
  const auto same = writer.write(std::make_shared<const jobs::Status>(seed_status()), kStart);
  auto changed = seed_status();
  changed.counts.warnings = 1;
  const auto other = writer.write(std::make_shared<const jobs::Status>(changed), kStart);
  EXPECT_EQ(one.etag, same.etag);
  EXPECT_NE(one.etag, other.etag);
}

}  // namespace
}  // namespace waybill::api
