#include "api/job_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waybill::api {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

const Time kNow = *parse_time("2024-03-01T10:00:00.000Z");

Outcome<JobRequest> read(const std::string& body, jobs::JobType type = jobs::JobType::import) {
  return read_job_request(body, type, kNow);
}

/// An import of a good source with more members: `"operation":"import"` and the like.
std::string with(const std::string& members, const std::string& source = "") {
  return R"({"dataSource":{"type":"Shared file path","path":"file:///srv/a.zip")" + source + "}" +
         (members.empty() ? "" : "," + members) + "}";
}

std::vector<std::string> keys(Outcome<JobRequest> outcome) {
  std::vector<std::string> all;
  if (!outcome.ok()) {
    EXPECT_EQ(code_text(outcome.error().code), "400-152") << outcome.error().message;
    for (const auto& detail : outcome.error().details) all.push_back(detail.key);
  }
  return all;
}

TEST(JobRequest, AGoodImportIsRead) {
  auto request = read(with(R"("operation":"reimport")"));
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->operation, jobs::Operation::reimport);
  EXPECT_EQ(request->source.path, "file:///srv/a.zip");
  EXPECT_EQ(request->due, kNow);
  EXPECT_FALSE(request->stop);
}

TEST(JobRequest, AValidationMaySayWhichImportItSpeaksOf) {
  auto validation = read(with(""), jobs::JobType::validation);
  ASSERT_TRUE(validation.ok());
  EXPECT_EQ(validation->operation, jobs::Operation::import) << "what an import would do";
  auto reimport = read(with(R"("operation":"reimport")"), jobs::JobType::validation);
  ASSERT_TRUE(reimport.ok());
  EXPECT_EQ(reimport->operation, jobs::Operation::reimport);
  EXPECT_THAT(keys(read(with(R"("operation":"renew")"), jobs::JobType::validation)),
              ::testing::ElementsAre("operation"));
  EXPECT_THAT(keys(read(with(""))), UnorderedElementsAre("operation"));
}

TEST(JobRequest, WhatIsNoJsonSaysWhere) {
  for (const auto& [body, place] :
       std::initializer_list<std::pair<std::string, std::string>>{{"", "line 1, column 1"},
                                                                  {"{\n  \"a\": }", "line 2, column 8"},
                                                                  {"{} x", "line 1, column"},
                                                                  {"{\"dataSource\"", "line 1, column 14"}}) {
    auto outcome = read(body);
    ASSERT_FALSE(outcome.ok()) << body;
    EXPECT_EQ(code_text(outcome.error().code), "400-100") << body;
    EXPECT_THAT(outcome.error().message, HasSubstr(place)) << body;
  }
  EXPECT_EQ(code_text(read("[]").error().code), "400-152");
}

TEST(JobRequest, EveryOffendingMemberIsNamedAtOnce) {
  EXPECT_THAT(
      keys(read(
          R"({"dataSource":{"type":"FTP","colour":1},"operation":2,"scheduleTime":{"date":"x"},"z":0})")),
      UnorderedElementsAre("z", "dataSource.colour", "dataSource.type", "dataSource.path", "operation",
                           "scheduleTime.date"));
}

TEST(JobRequest, UnknownMembersAreNamedWithTheNearest) {
  auto outcome = read(with(R"("operaton":"import")"));
  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().message, HasSubstr("did you mean 'operation'"));
}

TEST(JobRequest, NullIsNoValue) {
  EXPECT_THAT(keys(read(with(R"("operation":null)"))), UnorderedElementsAre("operation"));
}

TEST(JobRequest, PathsAreUrisOfTheSchemesThatAreThere) {
  const auto path = [](const std::string& text) {
    return keys(
        read(R"({"operation":"import","dataSource":{"type":"Shared file path","path":")" + text + R"("}})"));
  };
  EXPECT_TRUE(path("file:///srv/with%20space/a.zip").empty());
  EXPECT_TRUE(path("file://localhost/srv").empty());
  EXPECT_TRUE(path("upload://7A84B875-6F75-4C7B-B137-0632B62DB0BD").empty());
  for (const char* bad :
       {"", "/srv/a.zip", "srv", "file://other/srv/a", "file:///srv/a b", "file:///a?b", "file:///a#b",
        "file://", "http://host/a", "upload://7", "upload://7A84B875-6F75-4C7B-B137-0632B62DB0BD/x",
        "s3://bucket/key", "file:///a%00b", "sftp://user:secret@host/a"}) {
    EXPECT_THAT(path(bad), UnorderedElementsAre("dataSource.path")) << bad;
  }
  EXPECT_TRUE(path("file:///" + std::string(1016, 'a')).empty());
  EXPECT_THAT(path("file:///" + std::string(1017, 'a')), UnorderedElementsAre("dataSource.path"));
}

TEST(JobRequest, SftpNamesAHostAndAPath) {
  const auto sftp = [](const std::string& path) {
    return keys(
        read(R"({"operation":"import","dataSource":{"type":"Shared file path","path":")" + path + "\"}}"));
  };
  EXPECT_TRUE(sftp("sftp://host/a").empty());
  EXPECT_TRUE(sftp("SFTP://[2001:db8::1]:2222/a%20b/").empty());
  EXPECT_THAT(sftp("sftp://host"), Contains("dataSource.path"));
  EXPECT_THAT(sftp("sftp:///a"), Contains("dataSource.path"));
  EXPECT_THAT(sftp("sftp://user:secret@host/a"), Contains("dataSource.path"));
}

TEST(JobRequest, S3NamesABucket) {
  const auto s3 = [](const std::string& path) {
    return keys(
        read(R"({"operation":"import","dataSource":{"type":"AWS S3 bucket","path":")" + path + "\"}}"));
  };
  EXPECT_TRUE(s3("s3://bucket").empty());
  EXPECT_TRUE(s3("s3://bucket/a%20b/c.zip").empty());
  EXPECT_THAT(s3("s3:///key"), Contains("dataSource.path"));
  EXPECT_THAT(s3("sftp://host/a"), Contains("dataSource.path"));
}

TEST(JobRequest, CredentialsComeInPairsAndAreNeverShown) {
  const auto credentials = [](const std::string& members) {
    return keys(read(with(R"("operation":"import")", R"(,"credentials":{)" + members + "}")));
  };
  EXPECT_TRUE(credentials(R"("username":"u","password":"p")").empty());
  EXPECT_TRUE(credentials(R"("username":"u","privateKey":"k","passphrase":"p")").empty());
  EXPECT_TRUE(credentials(R"("accessKey":"a","secretKey":"s")").empty());
  EXPECT_THAT(credentials(R"("accessKeyId":"a")"), Contains("dataSource.credentials.secretAccessKey"));
  EXPECT_THAT(credentials(R"("username":"u")"), Contains("dataSource.credentials.password"));
  EXPECT_THAT(credentials(R"("password":"p")"), Contains("dataSource.credentials.username"));
  EXPECT_THAT(credentials(R"("passphrase":"p")"), Contains("dataSource.credentials.privateKey"));
  EXPECT_THAT(credentials(R"("pin":"1")"), Contains("dataSource.credentials.pin"));
  EXPECT_THAT(credentials(R"("username":"u","password":")" + std::string(1025, 'x') + "\""),
              Contains("dataSource.credentials.password"));
  EXPECT_TRUE(credentials(R"("username":"u","privateKey":")" + std::string(16 * 1024, 'x') + "\"").empty());

  auto outcome =
      read(with(R"("operation":"x")", R"(,"credentials":{"password":"hunter2","pasword":"hunter2"})"));
  for (const auto& detail : outcome.error().details)
    EXPECT_EQ(detail.value.find("hunter2"), std::string::npos);
}

TEST(JobRequest, ScheduleTimesAreChecked) {
  const auto schedule = [](const std::string& members) {
    return read(with(R"("operation":"import","scheduleTime":{)" + members + "}"));
  };
  auto later = schedule(R"("date":"2024-03-02T11:00:00+01:00","stopDate":"2024-03-05T10:00:00.000Z")");
  ASSERT_TRUE(later.ok());
  EXPECT_EQ(format_time(later->due), "2024-03-02T10:00:00.000Z");
  EXPECT_EQ(format_time(*later->stop), "2024-03-05T10:00:00.000Z");
  EXPECT_EQ(schedule(R"("date":"2020-01-01T00:00:00Z")")->due, kNow) << "in the past: due at once";
  EXPECT_TRUE(schedule(R"("date":"2024-03-08T10:00:00.000Z")").ok()) << "seven days exactly";
  auto far = schedule(R"("date":"2024-03-08T10:00:00.001Z")");
  ASSERT_FALSE(far.ok());
  EXPECT_EQ(code_text(far.error().code), "400-10424");
  EXPECT_EQ(far.error().message,
            "Limit exceeded. The allowed limit for 'scheduleTime.date' is '7 days ahead'.");
  EXPECT_THAT(keys(schedule(R"("date":"2024-02-30T10:00:00.000Z")")), Contains("scheduleTime.date"));
  EXPECT_THAT(keys(schedule(R"("date":"2024-03-02T10:00:00.000Z","stopDate":"2024-03-02T10:00:00.000Z")")),
              Contains("scheduleTime.stopDate"));
  EXPECT_THAT(keys(schedule(R"("when":"now")")), Contains("scheduleTime.when"));
}

TEST(JobRequest, RegionHasAtMost20Characters) {
  EXPECT_TRUE(read(with(R"("operation":"import")", R"(,"region":"12345678901234567890")")).ok());
  EXPECT_THAT(keys(read(with(R"("operation":"import")", R"(,"region":"123456789012345678901")"))),
              Contains("dataSource.region"));
}

}  // namespace
}  // namespace waybill::api
