#include <gtest/gtest.h>

#include <fstream>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/fake_local.h"
#include "cli/test_console.h"
#include "cli/test_server.h"

namespace waybill::cli {
namespace {

/// One call of the program.
struct Call {
  FakeLocal fake;
  TestConsole test;
  int status = -1;

  int run(std::vector<const char*> words) {
    words.insert(words.begin(), "waybill");
    status = run_with(static_cast<int>(words.size()), words.data(), fake.local(), test.console());
    return status;
  }
  std::string out() const { return test.out.str(); }
  std::string err() const { return test.err.str(); }
};

TEST(Run, HelpIsFineAndNamesEveryCommand) {
  Call call;
  EXPECT_EQ(call.run({"--help"}), kFine);
  for (const char* name : {"serve", "import", "validate", "status", "jobs", "cancel", "findings", "log",
                           "pack", "client", "token", "key", "doctor", "version"}) {
    EXPECT_NE(call.out().find(name), std::string::npos) << name;
  }
  EXPECT_EQ(call.err(), "");
}

TEST(Run, NoCommandIsWrongUsageAndNamesWhatIsExpected) {
  Call call;
  EXPECT_EQ(call.run({}), kUsage);
  EXPECT_NE(call.err().find("expected a command: serve"), std::string::npos) << call.err();
  EXPECT_NE(call.err().find("Help: waybill --help"), std::string::npos) << call.err();
}

TEST(Run, AMisspeltCommandIsCorrected) {
  Call call;
  EXPECT_EQ(call.run({"improt", "x.zip"}), kUsage);
  EXPECT_NE(call.err().find("there is no command 'improt'. Did you mean 'import'?"), std::string::npos)
      << call.err();
}

TEST(Run, AMisspeltOptionIsCorrectedWithItsCommandsHelp) {
  Call call;
  EXPECT_EQ(call.run({"import", "x.zip", "--reimprt"}), kUsage);
  EXPECT_NE(call.err().find("unexpected argument '--reimprt'. Did you mean '--reimport'?"), std::string::npos)
      << call.err();
  EXPECT_NE(call.err().find("Help: waybill import --help"), std::string::npos) << call.err();
}

TEST(Run, AMissingArgumentIsNamed) {
  Call call;
  EXPECT_EQ(call.run({"status"}), kUsage);
  EXPECT_NE(call.err().find("JOB"), std::string::npos) << call.err();
}

TEST(Run, AMisspeltCommandOfClientIsCorrected) {
  Call call;
  EXPECT_EQ(call.run({"client", "creat"}), kUsage);
  EXPECT_NE(call.err().find("Did you mean 'create'?"), std::string::npos) << call.err();
}

TEST(Run, AValueOutsideItsListIsWrongUsage) {
  Call call;
  EXPECT_EQ(call.run({"findings", "J", "--severity", "fatal"}), kUsage);
  EXPECT_NE(call.err().find("--severity"), std::string::npos) << call.err();
}

TEST(Run, HelpOfACommandTellsItsOptions) {
  Call call;
  EXPECT_EQ(call.run({"pack", "--help"}), kFine);
  EXPECT_NE(call.out().find("Usage: waybill pack"), std::string::npos) << call.out();
  EXPECT_NE(call.out().find("--portal"), std::string::npos);
  EXPECT_NE(call.out().find("U+2215"), std::string::npos) << "what becomes of '/' in a name";
}

TEST(Run, HelpOfServeHasTheTableOfSettings) {
  Call call;
  EXPECT_EQ(call.run({"serve", "--help"}), kFine);
  EXPECT_NE(call.out().find("server.listen  address:port"), std::string::npos) << call.out();
}

TEST(Run, ServeTurnsFlagsIntoOverrides) {
  Call call;
  EXPECT_EQ(call.run({"serve", "--listen", "127.0.0.1:0", "--data-dir", "/d", "--set", "jobs.running=8",
                      "--set", "log.level=debug", "--config", "/c.toml"}),
            kFine);
  const std::map<std::string, std::string> expected{{"server.listen", "127.0.0.1:0"},
                                                    {"storage.data_dir", "/d"},
                                                    {"jobs.running", "8"},
                                                    {"log.level", "debug"}};
  EXPECT_EQ(call.fake.served.overrides, expected);
  EXPECT_EQ(call.fake.served.config_file, "/c.toml");
}

TEST(Run, ServeTakesTheDataFolderOfTheEnvironmentWhereNoFlagNamesOne) {
  Call call;
  call.test.variables["WAYBILL_DATA_DIR"] = "/e";
  call.run({"serve"});
  EXPECT_EQ(call.fake.served.overrides.at("storage.data_dir"), "/e");
  call.run({"serve", "--data-dir", "/d"});
  EXPECT_EQ(call.fake.served.overrides.at("storage.data_dir"), "/d");
}

TEST(Run, MigrateTakesTheDatabaseAndSaysHowManyStepsItTook) {
  Call call;
  EXPECT_EQ(call.run({"migrate", "--database", "postgres://db/waybill"}), kFine);
  EXPECT_EQ(call.fake.migrated.overrides.at("storage.database"), "postgres://db/waybill");
  EXPECT_NE(call.out().find("2 steps"), std::string::npos) << call.out();
}

TEST(Run, ASettingWithoutAValueIsWrongUsage) {
  Call call;
  EXPECT_EQ(call.run({"serve", "--set", "jobs.running"}), kUsage);
  EXPECT_NE(call.err().find("NAME=VALUE"), std::string::npos) << call.err();
}

TEST(Run, ClientCreatePrintsTheSecretOnceAndAsJsonOnRequest) {
  Call call;
  EXPECT_EQ(
      call.run({"client", "create", "--name", "ci", "--department", "Docs", "--scope", "a", "--scope", "b"}),
      kFine);
  EXPECT_EQ(call.fake.created_department, "Docs");
  EXPECT_EQ(call.fake.created_scopes, (std::vector<std::string>{"a", "b"}));
  EXPECT_NE(call.out().find("only once"), std::string::npos);
  Call json;
  EXPECT_EQ(json.run({"client", "create", "--name", "ci", "--department", "Docs", "--json"}), kFine);
  EXPECT_EQ(
      json.out(),
      R"({"clientId":"client-1","name":"ci","department":"Docs","scopes":[],"clientSecret":"only once"})"
      "\n");
}

TEST(Run, RevokingAnUnknownClientIsWrongUsage) {
  Call call;
  EXPECT_EQ(call.run({"client", "revoke", "nobody"}), kUsage);
  EXPECT_EQ(call.err(), "waybill client revoke: there is no client nobody\n");
}

TEST(Run, DoctorTellsByItsStatusWhetherAllIsWell) {
  Call call;
  call.fake.checks = {{.what = "data folder", .found = "/d", .advice = ""}};
  EXPECT_EQ(call.run({"doctor"}), kFine);
  EXPECT_NE(call.out().find("✓ data folder: /d"), std::string::npos) << call.out();
  Call ill;
  ill.fake.checks = {{.what = "disk", .found = "full", .advice = "make room", .fine = false}};
  EXPECT_EQ(ill.run({"doctor"}), 1);
  EXPECT_NE(ill.out().find("✗ disk: full\n  → make room"), std::string::npos) << ill.out();
}

TEST(Run, WarningOfTheDoctorIsShownWithItsAdviceAndIsNoFailure) {
  Call call;
  call.fake.checks = {{.what = "way", .found = "open", .advice = "close it", .fine = true, .warning = true}};
  EXPECT_EQ(call.run({"doctor"}), kFine);
  EXPECT_EQ(call.out(), "! way: open\n  → close it\nAll works, with 1 warning.\n");
  Call json;
  json.fake.checks = call.fake.checks;
  EXPECT_EQ(json.run({"doctor", "--json"}), kFine);
  EXPECT_NE(json.out().find(R"("fine":true,"found":"open","warning":true)"), std::string::npos) << json.out();
}

TEST(Run, VersionInBothForms) {
  Call call;
  EXPECT_EQ(call.run({"version"}), kFine);
  EXPECT_EQ(call.out(), "waybill 1.2.3\n");
  Call json;
  json.run({"version", "--json"});
  EXPECT_EQ(json.out(), "{\"version\":\"1.2.3\"}\n");
  Call flag;
  EXPECT_EQ(flag.run({"--version"}), kFine);
  EXPECT_EQ(flag.out(), "waybill 1.2.3\n");
}

LocalFinding unknown_folder() {
  LocalFinding finding;
  finding.severity = "error";
  finding.rule = "article-folder-unknown";
  finding.kind = "article";
  finding.item = "Rentals/Cargo\nbikes";
  finding.file = "knowledgehub/articles/articles.json";
  finding.pointer = "/articles/3/folder/path";
  finding.line = 41;
  finding.column = 16;
  finding.message = "the folder \"Rental\" does not exist";
  finding.advice = "did you mean \"Rentals\"?";
  return finding;
}

TEST(Validate, ErrorsInTheContentGiveStatusOneAndAReadableList) {
  const TemporaryFolder folder;
  Call call;
  call.fake.findings = {unknown_folder()};
  call.fake.result = {
      .status = "Successful", .processed = 5, .total = 5, .successful = 4, .errors = 1, .error = {}};
  EXPECT_EQ(call.run({"validate", folder.path().c_str()}), kContentErrors);
  EXPECT_NE(call.out().find("1 error\n  article-folder-unknown\n    Rentals/Cargo\\nbikes  "
                            "knowledgehub/articles/articles.json:41:16\n"
                            "      the folder \"Rental\" does not exist\n"
                            "      → did you mean \"Rentals\"?\n"),
            std::string::npos)
      << call.out();
}

TEST(Validate, JsonIsALineAFindingAndTheResultLast) {
  const TemporaryFolder folder;
  Call call;
  LocalFinding remark;
  remark.severity = "remark";
  remark.rule = "resources-unused";
  remark.kind = "package";
  remark.message = "one file";
  call.fake.findings = {unknown_folder(), remark};
  call.fake.result = {
      .status = "Successful", .processed = 5, .total = 5, .successful = 4, .errors = 1, .error = {}};
  EXPECT_EQ(call.run({"validate", folder.path().c_str(), "--json"}), kContentErrors);
  EXPECT_EQ(
      call.out(),
      R"({"severity":"error","rule":"article-folder-unknown","kind":"article","item":"Rentals/Cargo\nbikes",)"
      R"("file":"knowledgehub/articles/articles.json","pointer":"/articles/3/folder/path","line":41,"column":16,)"
      R"("message":"the folder \"Rental\" does not exist","advice":"did you mean \"Rentals\"?"})"
      "\n"
      R"({"severity":"remark","rule":"resources-unused","kind":"package","message":"one file"})"
      "\n"
      R"({"status":"Successful","progress":{"processed":5,"total":5,"percentage":100},)"
      R"("results":{"successful":4,"warnings":0,"errors":1}})"
      "\n");
  EXPECT_EQ(call.err(), "") << "no progress beside JSON";
}

TEST(Validate, AFailedValidationGivesStatusThree) {
  const TemporaryFolder folder;
  Call call;
  call.fake.result = {.status = "Failed", .error = "The zip cannot be read."};
  EXPECT_EQ(call.run({"validate", folder.path().c_str()}), kJobFailed);
  EXPECT_NE(call.out().find("The zip cannot be read."), std::string::npos) << call.out();
}

TEST(Validate, APathThatIsNotThereIsWrongUsage) {
  Call call;
  EXPECT_EQ(call.run({"validate", "/does/not/exist.zip"}), kUsage);
  EXPECT_NE(call.err().find("/does/not/exist.zip"), std::string::npos);
}

// Commands that talk to a server

/// A server with one job, whose status the test gives.
class OneJob {
 public:
  explicit OneJob(std::string status, bool takes_files = true)
      : status_(std::move(status)),
        server_([this, takes_files](const TestRequest& request) { return answer(request, takes_files); }) {}

  std::string url() const { return server_.url(); }
  std::vector<TestRequest> requests() const { return server_.requests(); }

 private:
  std::string answer(const TestRequest& request, bool takes_files) const {
    const std::string base = "/knowledge/contentmgr/v4/import/";
    const std::string json = "Content-Type: application/json\r\n";
    if (request.method == "POST" && request.target == base + "uploads") {
      return test_answer("201 Created", json, R"({"path":"upload://U"})");
    }
    if (request.method == "POST" && request.target.ends_with("/cancel"))
      return test_answer("204 No Content", "", "");
    if (request.method == "POST") {
      if (!takes_files && request.body.find("file://") != std::string::npos) {
        return test_answer(
            "400 Bad Request", json,
            R"({"code":"400-152","developerMessage":"dataSource.path is below no allowed root"})");
      }
      return test_answer("202 Accepted", "Location: " + base + "content/JOB-1/status\r\n", "");
    }
    if (request.target.find("/findings") != std::string::npos) {
      return test_answer(
          "200 OK", json,
          R"({"findings":[{"severity":"error","rule":"article-name","kind":"article","message":"no name"}]})");
    }
    if (request.target.ends_with("/content/JOB-1/status")) return test_answer("200 OK", json, status_);
    return test_answer("404 Not Found", json, R"({"code":"404-100","developerMessage":"no such job"})");
  }

  std::string status_;
  TestServer server_;
};

constexpr const char* kSuccessful =
    R"({"status":"Successful","jobType":"Import","progress":{"processed":2,"total":2,"percentage":100},)"
    R"("results":{"successful":2,"warnings":0,"errors":0}})";
constexpr const char* kWithErrors =
    R"({"status":"Successful","jobType":"Import","progress":{"processed":2,"total":2,"percentage":100},)"
    R"("results":{"successful":1,"warnings":0,"errors":1}})";
constexpr const char* kFailed =
    R"({"status":"Failed","jobType":"Import","error":"The disk is full.","retryable":true})";

int run_against(const OneJob& server, Call& call, std::vector<const char*> words) {
  call.test.variables["WAYBILL_SERVER"] = server.url();
  call.test.variables["WAYBILL_TOKEN"] = "T";
  return call.run(std::move(words));
}

TEST(Import, ALocalPathGoesAsAFileToAServerOnThisMachine) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "my package.zip") << "zip";
  const OneJob server(kSuccessful);
  Call call;
  const std::string path = (folder.path() / "my package.zip").string();
  EXPECT_EQ(run_against(server, call, {"import", path.c_str(), "--reimport"}), kFine) << call.err();
  const auto requests = server.requests();
  ASSERT_FALSE(requests.empty());
  EXPECT_NE(requests[0].body.find("my%20package.zip"), std::string::npos) << requests[0].body;
  EXPECT_NE(requests[0].body.find(R"("operation":"reimport")"), std::string::npos) << requests[0].body;
  EXPECT_NE(call.out().find("2 successful"), std::string::npos) << call.out();
}

TEST(Import, WhatTheServerMayNotReadIsUploaded) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "a.zip") << "the bytes";
  const OneJob server(kSuccessful, false);
  Call call;
  const std::string path = (folder.path() / "a.zip").string();
  EXPECT_EQ(run_against(server, call, {"import", path.c_str()}), kFine) << call.err();
  const auto requests = server.requests();
  ASSERT_GE(requests.size(), 3U);
  EXPECT_TRUE(requests[1].target.ends_with("/import/uploads"));
  EXPECT_TRUE(requests[1].has("Content-Type: application/zip"));
  EXPECT_EQ(requests[1].body, "the bytes");
  EXPECT_NE(requests[2].body.find("upload://U"), std::string::npos) << requests[2].body;
}

TEST(Import, AFolderIsZippedForTheUpload) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "manifest.json") << "{}";
  const OneJob server(kSuccessful);
  Call call;
  EXPECT_EQ(run_against(server, call, {"import", folder.path().c_str(), "--via", "upload"}), kFine)
      << call.err();
  EXPECT_TRUE(server.requests().at(0).body.starts_with("PK\x03\x04"));
}

TEST(Import, TheExitStatusTellsHowTheJobEnded) {
  const OneJob errors(kWithErrors);
  Call call;
  EXPECT_EQ(run_against(errors, call, {"import", "upload://X"}), kContentErrors);
  EXPECT_NE(call.out().find("error article-name: no name"), std::string::npos) << call.out();
  EXPECT_NE(call.out().find("waybill findings JOB-1"), std::string::npos) << call.out();
  const OneJob failed(kFailed);
  Call other;
  EXPECT_EQ(run_against(failed, other, {"import", "upload://X"}), kJobFailed);
  EXPECT_NE(other.out().find("The disk is full."), std::string::npos) << other.out();
}

TEST(Import, WithoutWaitingPrintsTheIdAlone) {
  const OneJob server(kSuccessful);
  Call call;
  EXPECT_EQ(run_against(server, call, {"import", "s3://b/k", "--no-wait"}), kFine);
  EXPECT_EQ(call.out(), "JOB-1\n");
  EXPECT_NE(server.requests().at(0).body.find(R"("type":"AWS S3 bucket")"), std::string::npos);
}

TEST(Import, AWrongTimeIsWrongUsageBeforeAnythingIsSent) {
  const TemporaryFolder folder;
  const OneJob server(kSuccessful);
  Call call;
  EXPECT_EQ(run_against(server, call, {"import", folder.path().c_str(), "--schedule", "tomorrow"}), kUsage);
  EXPECT_NE(call.err().find("--schedule expects"), std::string::npos) << call.err();
  EXPECT_TRUE(server.requests().empty());
}

TEST(Status, JsonIsTheApisObjectAfterTheJobsId) {
  const OneJob server(kSuccessful);
  Call call;
  EXPECT_EQ(run_against(server, call, {"status", "JOB-1", "--json"}), kFine);
  EXPECT_EQ(call.out(), "{\"id\":\"JOB-1\"," + std::string(kSuccessful).substr(1) + "\n");
}

TEST(Status, AnUnknownJobIsARefusal) {
  const OneJob server(kSuccessful);
  Call call;
  EXPECT_EQ(run_against(server, call, {"status", "JOB-2"}), kRefused);
  EXPECT_EQ(call.err(), "waybill status: the server refused: 404-100: no such job\n");
}

TEST(Cancel, SaysThatWhatIsImportedStays) {
  const OneJob server(kSuccessful);
  Call call;
  EXPECT_EQ(run_against(server, call, {"cancel", "JOB-1"}), kFine);
  EXPECT_EQ(server.requests().at(0).method, "POST");
  EXPECT_NE(call.out().find("What is imported stays"), std::string::npos);
}

TEST(Findings, JsonIsALineAFinding) {
  const OneJob server(kSuccessful);
  Call call;
  EXPECT_EQ(run_against(server, call, {"findings", "JOB-1", "--json", "--severity", "error"}), kFine);
  EXPECT_EQ(call.out(), R"({"severity":"error","rule":"article-name","kind":"article","message":"no name"})"
                        "\n");
  EXPECT_NE(server.requests().at(0).target.find("severity=error"), std::string::npos);
}

TEST(Token, PrintsTheTokenAlone) {
  const OneJob server(kSuccessful);
  Call call;
  EXPECT_EQ(run_against(server, call, {"token"}), kFine);
  EXPECT_EQ(call.out(), "T\n");
}

TEST(Run, AServerThatIsAwayGivesStatusFour) {
  std::string url;
  {
    const OneJob server(kSuccessful);
    url = server.url();
  }
  Call call;
  call.test.variables = {{"WAYBILL_SERVER", url}, {"WAYBILL_TOKEN", "T"}};
  EXPECT_EQ(call.run({"status", "JOB-1", "--watch"}), kRefused);
  EXPECT_NE(call.err().find("Is `waybill serve` running?"), std::string::npos) << call.err();
}

}  // namespace
}  // namespace waybill::cli
