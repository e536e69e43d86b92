#include "cli/source_access.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "base/files.h"
#include "cli/aws_profile.h"
#include "cli/ssh_keys.h"
#include "cli/test_console.h"

namespace waybill::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

/// A home folder of its own, and nobody at the terminal unless `answers` are given.
struct Person : TestConsole {
  TemporaryFolder home;
  Person() {
    variables["HOME"] = home.path().string();
    variables["USER"] = "ann";
  }
  fs::path at(const char* name) const { return home.path() / name; }
};

TEST(S3Access, KeysOfTheEnvironmentComeFirst) {
  Person person;
  person.variables["AWS_ACCESS_KEY_ID"] = "AKENV";
  person.variables["AWS_SECRET_ACCESS_KEY"] = "env-secret";
  person.variables["AWS_SESSION_TOKEN"] = "env-token";
  write(person.at(".aws/credentials"),
        "[default]\naws_access_key_id=AKFILE\naws_secret_access_key=file-secret\n");
  const auto source = data_source("s3://b/k", {}, person.console());
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_EQ(json::serialize(*source),
            R"({"type":"AWS S3 bucket","path":"s3://b/k","credentials":{"accessKeyId":"AKENV",)"
            R"("secretAccessKey":"env-secret","sessionToken":"env-token"}})");
}

TEST(S3Access, ANamedProfileComesBeforeTheEnvironment) {
  Person person;
  person.variables["AWS_ACCESS_KEY_ID"] = "AKENV";
  person.variables["AWS_SECRET_ACCESS_KEY"] = "env-secret";
  write(person.at(".aws/credentials"),
        "# ours\n[default]\naws_access_key_id = AKDEFAULT\naws_secret_access_key = default-secret\n\n[ work "
        "]\r\n"
        "aws_access_key_id = AKWORK\r\naws_secret_access_key = a=b\r\n");
  write(person.at(".aws/config"),
        "[profile work]\nregion = eu-west-1\ns3 =\n  region = nested\n[profile other]\nregion=us-west-2\n");
  const auto source = data_source("s3://b/k", {.profile = "work"}, person.console());
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_EQ(source->at("region").as_string(), "eu-west-1");
  EXPECT_EQ(source->at("credentials").at("accessKeyId").as_string(), "AKWORK");
  EXPECT_EQ(source->at("credentials").at("secretAccessKey").as_string(), "a=b");
}

TEST(S3Access, TheRegionOfTheCommandLineComesFirst) {
  Person person;
  person.variables["AWS_REGION"] = "us-east-2";
  EXPECT_EQ(data_source("s3://b/k", {}, person.console())->at("region").as_string(), "us-east-2");
  const auto given = data_source("s3://b/k", {.region = "eu-central-1"}, person.console());
  EXPECT_EQ(given->at("region").as_string(), "eu-central-1");
}

TEST(S3Access, AProfileThatIsNotThereIsAnError) {
  Person person;
  const auto source = data_source("s3://b/k", {.profile = "wrok"}, person.console());
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().code, ErrorCode::not_found);
  EXPECT_NE(source.error().message.find("wrok"), std::string::npos);
}

TEST(S3Access, HalfAPairOfKeysIsAnErrorThatShowsNeither) {
  Person person;
  person.variables["AWS_SECRET_ACCESS_KEY"] = "env-secret";
  const auto source = data_source("s3://b/k", {}, person.console());
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().message.find("env-secret"), std::string::npos);
}

TEST(S3Access, AProfileThatAnotherProgramFillsSaysWhatToDo) {
  Person person;
  write(person.at(".aws/config"), "[default]\nsso_session = corp\n");
  const auto source = data_source("s3://b/k", {}, person.console());
  ASSERT_FALSE(source.ok());
  EXPECT_NE(source.error().message.find("export-credentials"), std::string::npos) << source.error().message;
}

TEST(S3Access, WithNothingFoundThePersonIsAskedAndMayLeaveItToTheServer) {
  Person person;
  EXPECT_FALSE(data_source("s3://b/k", {}, person.console())->contains("credentials"));
  EXPECT_NE(person.prompts.find("access key id"), std::string::npos);
  person.answers = {"AKTYPED", "typed-secret"};
  const auto source = data_source("s3://b/k", {}, person.console());
  EXPECT_EQ(source->at("credentials").at("secretAccessKey").as_string(), "typed-secret");
}

TEST(SftpAccess, TheUserOfTheUriDoesNotGoToTheServerInThePath) {
  Person person;
  person.answers = {"typed"};
  const auto source = data_source("sftp://bob%40corp@host:2222/a/b.zip", {}, person.console());
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_EQ(json::serialize(*source), R"({"type":"Shared file path","path":"sftp://host:2222/a/b.zip",)"
                                      R"("credentials":{"username":"bob@corp","password":"typed"}})");
  EXPECT_NE(person.prompts.find("bob@corp at host:2222"), std::string::npos) << person.prompts;
}

TEST(SftpAccess, APasswordInTheUriIsRefusedAndNotShown) {
  Person person;
  const auto source = data_source("sftp://bob:hunter2@host/a", {}, person.console());
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().message.find("hunter2"), std::string::npos);
}

TEST(SftpAccess, WithoutATerminalItSaysWhichOptionHelps) {
  Person person;
  const auto source = data_source("sftp://host/a", {}, person.console());
  ASSERT_FALSE(source.ok());
  EXPECT_NE(source.error().message.find("--password-file"), std::string::npos) << source.error().message;
}

TEST(SftpAccess, TheUsualKeyFileIsTaken) {
  Person person;
  write(person.at(".ssh/id_rsa"), "-----BEGIN RSA PRIVATE KEY-----\nrsa\n");
  write(person.at(".ssh/id_ecdsa"), "-----BEGIN EC PRIVATE KEY-----\nec\n");
  const auto source = data_source("sftp://host/a", {}, person.console());
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_EQ(source->at("credentials").at("username").as_string(), "ann");
  EXPECT_EQ(source->at("credentials").at("privateKey").as_string(), "-----BEGIN EC PRIVATE KEY-----\nec\n");
  EXPECT_FALSE(source->at("credentials").as_object().contains("passphrase"));
}

TEST(SftpAccess, AnEncryptedKeyNeedsItsPassphrase) {
  Person person;
  write(person.at("key"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\nx\n");
  write(person.at("phrase"), "open sesame\nnot this\n");
  const SourceArguments arguments{
      .user = "eve", .identity = person.at("key"), .password_file = person.at("phrase")};
  const auto source = data_source("sftp://host/a", arguments, person.console());
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_EQ(source->at("credentials").at("passphrase").as_string(), "open sesame");
  EXPECT_TRUE(person.prompts.empty());
}

TEST(SftpAccess, APasswordFileMeansNoKeyUnlessOneIsNamed) {
  Person person;
  write(person.at(".ssh/id_ed25519"), "-----BEGIN OPENSSH PRIVATE KEY-----\n");
  write(person.at("word"), "pass\r\n");
  const auto source = data_source("sftp://host/a", {.password_file = person.at("word")}, person.console());
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_EQ(source->at("credentials").at("password").as_string(), "pass");
}

TEST(SshKeys, OpensshsOwnFormatSaysWhetherItIsEncrypted) {
  const std::string head = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  // base64 of "openssh-key-v1\0", and the cipher's name as a string of RFC 4251: "none", "aes256-ctr".
  EXPECT_FALSE(
      is_encrypted_key(head + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n"));
  EXPECT_TRUE(is_encrypted_key(
      head + "b3BlbnNzaC1rZXktdjEAAAAA\nCmFlczI1Ni1jdHI=\n-----END OPENSSH PRIVATE KEY-----\n"));
  EXPECT_TRUE(is_encrypted_key("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"));
  EXPECT_FALSE(is_encrypted_key("-----BEGIN PRIVATE KEY-----\nMIIE\n"));
}

TEST(SshKeys, AnAgentThatIsNotThereHoldsNothing) {
  const TemporaryFolder folder;
  write(folder.path() / "id_rsa", "key");
  EXPECT_EQ(ssh_key_files(folder.path(), folder.path() / "no-socket").size(), 1U);
  EXPECT_FALSE(agent_keys(folder.path() / "no-socket").ok());
}

TEST(CheckWay, CredentialsGoThroughTlsOrStayOnThisMachine) {
  const json::object open{{"path", "s3://b/k"}};
  const json::object closed{{"path", "s3://b/k"}, {"credentials", json::object{}}};
  EXPECT_TRUE(check_way("http://kb.example.com", open).ok());
  EXPECT_TRUE(check_way("https://kb.example.com", closed).ok());
  EXPECT_TRUE(check_way("http://127.0.0.1:8080", closed).ok());
  EXPECT_TRUE(check_way("http://localhost:8080", closed).ok());
  EXPECT_FALSE(check_way("http://kb.example.com", closed).ok());
}

}  // namespace
}  // namespace waybill::cli
