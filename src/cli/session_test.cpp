#include "cli/session.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "cli/test_console.h"
#include "cli/test_server.h"

namespace waybill::cli {
namespace {

namespace fs = std::filesystem;

void write_client_file(const fs::path& folder, const std::string& server, const std::string& id) {
  fs::create_directories(folder);
  std::ofstream(folder / "local-client.json")
      << R"({"server":")" << server << R"(","client_id":")" << id << R"(","client_secret":"from file"})";
}

TEST(FindAccount, FlagsWinOverTheEnvironment) {
  TestConsole test;
  test.variables = {{"WAYBILL_SERVER", "http://env:1"}, {"WAYBILL_TOKEN", "env token"}};
  SessionArguments arguments;
  arguments.server = "http://flag:2/";
  arguments.token = "flag token";
  const auto account = find_account(arguments, test.console());
  ASSERT_TRUE(account.ok()) << account.error().message;
  EXPECT_EQ(account->server, "http://flag:2") << "without the slash at its end";
  EXPECT_EQ(account->token.reveal(), "flag token");
}

TEST(FindAccount, TheEnvironmentWinsOverTheFile) {
  const TemporaryFolder folder;
  write_client_file(folder.path(), "http://file:3", "file client");
  TestConsole test;
  test.variables = {{"WAYBILL_SERVER", "http://env:1"},
                    {"WAYBILL_CLIENT_ID", "env client"},
                    {"WAYBILL_CLIENT_SECRET", "env secret"},
                    {"WAYBILL_DATA_DIR", folder.path().string()}};
  const auto account = find_account({}, test.console());
  ASSERT_TRUE(account.ok()) << account.error().message;
  EXPECT_EQ(account->server, "http://env:1");
  EXPECT_EQ(account->client_id, "env client");
  EXPECT_EQ(account->client_secret.reveal(), "env secret");
}

TEST(FindAccount, ReadsTheFileOfTheNamedDataFolder) {
  const TemporaryFolder folder;
  write_client_file(folder.path() / "named", "http://named:1", "named");
  write_client_file(folder.path() / "other", "http://other:1", "other");
  TestConsole test;
  test.variables = {{"WAYBILL_DATA_DIR", (folder.path() / "other").string()}};
  SessionArguments arguments;
  arguments.data_dir = folder.path() / "named";
  const auto account = find_account(arguments, test.console());
  ASSERT_TRUE(account.ok()) << account.error().message;
  EXPECT_EQ(account->server, "http://named:1");
  EXPECT_EQ(account->client_id, "named");
}

TEST(FindAccount, FallsBackToTheStateFolder) {
  const TemporaryFolder folder;
  write_client_file(folder.path() / "waybill", "http://state:1", "state");
  TestConsole test;
  test.variables = {{"XDG_STATE_HOME", folder.path().string()}};
  const auto account = find_account({}, test.console());
  ASSERT_TRUE(account.ok()) << account.error().message;
  EXPECT_EQ(account->client_id, "state");
}

TEST(FindAccount, FallsBackToTheHomesStateFolder) {
  const TemporaryFolder folder;
  write_client_file(folder.path() / ".local/state/waybill", "http://home:1", "home");
  TestConsole test;
  test.variables = {{"HOME", folder.path().string()}};
  const auto account = find_account({}, test.console());
  ASSERT_TRUE(account.ok()) << account.error().message;
  EXPECT_EQ(account->client_id, "home");
}

TEST(FindAccount, NeverGivesTheFilesSecretToAnotherServer) {
  const TemporaryFolder folder;
  write_client_file(folder.path(), "http://127.0.0.1:8080", "local");
  TestConsole test;
  SessionArguments arguments;
  arguments.data_dir = folder.path();
  arguments.server = "http://elsewhere:8080";
  const auto account = find_account(arguments, test.console());
  ASSERT_FALSE(account.ok());
  EXPECT_NE(account.error().message.find("no credentials for http://elsewhere:8080"), std::string::npos)
      << account.error().message;
}

TEST(FindAccount, NamesTheFileThatIsNotWhatItShouldBe) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "local-client.json") << "{";
  TestConsole test;
  SessionArguments arguments;
  arguments.data_dir = folder.path();
  const auto account = find_account(arguments, test.console());
  ASSERT_FALSE(account.ok());
  EXPECT_NE(account.error().message.find("local-client.json"), std::string::npos);
}

TEST(FindAccount, ReadsTheSecretFromAFileWithoutItsNewline) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "secret") << "s3cret\n";
  TestConsole test;
  SessionArguments arguments;
  arguments.server = "http://a:1";
  arguments.client_id = "me";
  arguments.client_secret_file = folder.path() / "secret";
  const auto account = find_account(arguments, test.console());
  ASSERT_TRUE(account.ok()) << account.error().message;
  EXPECT_EQ(account->client_secret.reveal(), "s3cret");
}

TEST(FindAccount, AClientWithoutASecretIsToldSo) {
  TestConsole test;
  SessionArguments arguments;
  arguments.client_id = "me";
  const auto account = find_account(arguments, test.console());
  ASSERT_FALSE(account.ok());
  EXPECT_EQ(account.error().code, ErrorCode::invalid_argument);
}

Account account_at(const std::string& url) {
  return {
      .server = url, .token = {}, .client_id = "a client", .client_secret = Secret("p:w"), .from = "test"};
}

TEST(Session, FetchesATokenByClientCredentialsAndBasicAuthentication) {
  const TestServer server([](const TestRequest& request) {
    if (request.target == "/oauth2/v2.0/token") {
      return test_answer("200 OK", "Content-Type: application/json\r\n",
                         R"({"access_token":"T1","token_type":"Bearer","expires_in":3600})");
    }
    return test_answer("200 OK", "ETag: \"7\"\r\n", "hello");
  });
  Session session(account_at(server.url()), {});
  for (int i = 0; i < 2; ++i) {
    const auto response = session.send({.url = "/x"});
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(response->header("etag"), "\"7\"");
  }
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3U) << "one token for both requests";
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].body, "grant_type=client_credentials");
  // RFC 6749, 2.3.1: "a%20client:p%3Aw" in base64.
  EXPECT_TRUE(requests[0].has("Authorization: Basic YSUyMGNsaWVudDpwJTNBdw==")) << requests[0].head;
  EXPECT_TRUE(requests[1].has("Authorization: Bearer T1")) << requests[1].head;
}

TEST(Session, AsksForANewTokenOnceWhenOneIsRefused) {
  int tokens = 0;
  const TestServer server([&tokens](const TestRequest& request) {
    if (request.target == "/oauth2/v2.0/token") {
      ++tokens;
      return test_answer("200 OK", "", R"({"access_token":"T)" + std::to_string(tokens) + R"("})");
    }
    return request.has("Bearer T2") ? test_answer("200 OK", "", "in")
                                    : test_answer("401 Unauthorized", "", "");
  });
  Session session(account_at(server.url()), {});
  const auto response = session.send({.url = "/x"});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "in");
}

TEST(Session, RenewsATokenThatIsNearItsEnd) {
  const TestServer server([](const TestRequest& request) {
    if (request.target != "/oauth2/v2.0/token") return test_answer("200 OK", "", "");
    return test_answer("200 OK", "", R"({"access_token":"T","expires_in":100})");
  });
  FakeClock clock(Time{});
  Session session(account_at(server.url()), {}, clock);
  ASSERT_TRUE(session.send({.url = "/x"}).ok());
  clock.advance(Milliseconds(60'000));
  ASSERT_TRUE(session.send({.url = "/x"}).ok());
  EXPECT_EQ(server.requests().size(), 3U) << "40 s are left: still good";
  clock.advance(Milliseconds(15'000));
  ASSERT_TRUE(session.send({.url = "/x"}).ok());
  EXPECT_EQ(server.requests().size(), 5U) << "25 s are left: renewed";
}

TEST(Session, TellsWhyTheServerGaveNoTokenAndNeverTheSecret) {
  const TestServer server([](const TestRequest&) {
    return test_answer("401 Unauthorized", "",
                       R"({"error":"invalid_client","error_description":"unknown client or wrong secret"})");
  });
  Session session(account_at(server.url()), {});
  const auto response = session.send({.url = "/x"});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::permission_denied);
  EXPECT_NE(response.error().message.find("unknown client or wrong secret"), std::string::npos);
  EXPECT_EQ(response.error().message.find("p:w"), std::string::npos);
}

TEST(HttpClient, SaysWhatToDoWhenNobodyListens) {
  std::string url;
  {
    const TestServer server([](const TestRequest&) { return std::string(); });
    url = server.url();
  }  // the port is free again
  HttpClient http;
  const auto response = http.send({.url = url + "/x"});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(response.error().message.starts_with("could not reach " + url +
                                                   ": connection refused. Is `waybill serve` running?"))
      << response.error().message;
}

TEST(HttpClient, StreamsAFileWithItsLength) {
  const TemporaryFolder folder;
  const std::string bytes(100'000, 'z');
  std::ofstream(folder.path() / "a.zip") << bytes;
  const TestServer server([](const TestRequest&) { return test_answer("201 Created", "", "{}"); });
  HttpClient http;
  HttpRequest request;
  request.method = "POST";
  request.url = server.url() + "/up";
  request.upload = folder.path() / "a.zip";
  const auto response = http.send(request);
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 201);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].body, bytes);
}

TEST(HttpClient, RefusesOtherSchemesThanHttp) {
  HttpClient http;
  const auto response = http.send({.url = "file:///etc/hostname"});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::invalid_argument);
}

TEST(HttpClient, KnowsThisMachine) {
  EXPECT_TRUE(is_loopback(host_of("http://127.0.0.1:8080/x")));
  EXPECT_TRUE(is_loopback(host_of("http://localhost")));
  EXPECT_TRUE(is_loopback(host_of("https://[::1]:8443")));
  EXPECT_FALSE(is_loopback(host_of("http://127.example.com:80")));
  EXPECT_FALSE(is_loopback(host_of("http://127.0.0.1@example.com/")));
}

TEST(ExpectSuccess, TellsCodeMessageAndDetails) {
  HttpResponse response;
  response.status = 400;
  response.body =
      R"({"code":"400-152","developerMessage":"not a path","details":[{"key":"dataSource.path","value":"x"}]})";
  const auto result = expect_success(response);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "the server refused: 400-152: not a path\n  dataSource.path: x");
  EXPECT_EQ(result.error().detail, "400-152");
}

}  // namespace
}  // namespace waybill::cli
