#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/files.h"
#include "base/text.h"

namespace waybill::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Texts = std::map<std::string, std::string>;

class SettingsTest : public ::testing::Test {
 protected:
  Result<Settings> from_file(std::string_view toml, const Texts& environment = {},
                             const Texts& overrides = {}) {
    const auto path = folder_.path() / "waybill.toml";
    EXPECT_TRUE(write_file_atomically(path, toml).ok());
    return load(path, environment, overrides);
  }
  std::string problems(std::string_view toml, const Texts& environment = {}, const Texts& overrides = {}) {
    const auto settings = from_file(toml, environment, overrides);
    return settings.ok() ? "no problem" : settings.error().message;
  }
  TemporaryFolder folder_;
};

TEST_F(SettingsTest, DefaultsNeedNoFile) {
  const auto settings = load({}, {{"HOME", "/root"}, {"PATH", "/bin"}}, {});
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->server.listen, "127.0.0.1:8080");
  EXPECT_EQ(settings->storage.data_dir, "waybill-data");
}

TEST_F(SettingsTest, ReadsEveryKindOfValueFromTheFile) {
  const auto settings = from_file(R"(
[server]
listen = "[::1]:9000"
loops = 3
max_upload_bytes = "25MiB"
certificate = "/etc/waybill/cert.pem"
private_key = "/etc/waybill/key.pem"
[sources]
file_roots = ["/mnt/a", "/mnt/b"]
[jobs]
lease = "30s"
batch_time = 100
batch_bytes = 4096
wait_for_index = false
[languages]
"*" = ["en-US"]
Sales = ["en-US", "fr-FR"]
)");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->server.listen, "[::1]:9000");
  EXPECT_EQ(settings->server.loops, 3);
  EXPECT_EQ(settings->server.max_upload_bytes, 25ULL * 1024 * 1024);
  EXPECT_EQ(settings->server.certificate, "/etc/waybill/cert.pem");
  EXPECT_THAT(settings->sources.file_roots, ElementsAre("/mnt/a", "/mnt/b"));
  EXPECT_EQ(settings->jobs.lease, Milliseconds(30'000));
  EXPECT_EQ(settings->jobs.batch_time, Milliseconds(100));
  EXPECT_EQ(settings->jobs.batch_bytes, 4096U);
  EXPECT_FALSE(settings->jobs.wait_for_index);
  EXPECT_THAT(settings->languages.at("Sales"), ElementsAre("en-US", "fr-FR"));
}

TEST_F(SettingsTest, LargeBytesLieInAFolderOrABucket) {
  const auto settings = from_file("[storage]\nbucket = \"s3://blobs/one\"\nbucket_region = \"eu-west-1\"");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->storage.bucket, "s3://blobs/one");
  EXPECT_EQ(settings->storage.bucket_region, "eu-west-1");
  EXPECT_THAT(problems("[storage]\nbucket = \"s3://blobs\"\nshared_dir = \"/srv/shared\""),
              HasSubstr("storage.shared_dir"));
  EXPECT_THAT(problems("[storage]\nbucket = \"https://blobs\""), HasSubstr("s3://bucket"));
}

TEST_F(SettingsTest, LaterSourcesWin) {
  const auto settings = from_file("[server]\nloops = 3\npool_threads = 3\nlisten = \"127.0.0.1:1\"",
                                  {{"WAYBILL_SERVER_LOOPS", "5"}, {"WAYBILL_SERVER_POOL_THREADS", "5"}},
                                  {{"server.loops", "7"}});
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->server.loops, 7);
  EXPECT_EQ(settings->server.pool_threads, 5);
  EXPECT_EQ(settings->server.listen, "127.0.0.1:1");
}

TEST_F(SettingsTest, EnvironmentGivesEveryKindAsText) {
  const auto settings = load({},
                             {{"WAYBILL_SOURCES_FILE_ROOTS", "/mnt/a, /mnt/b"},
                              {"WAYBILL_JOBS_LEASE", "20s"},
                              {"WAYBILL_JOBS_WAIT_FOR_INDEX", "false"},
                              {"WAYBILL_LANGUAGES", "*=en-US;Sales=en-US,fr-FR"},
                              {"WAYBILL_PACKAGE_MAX_BYTES", "100GiB"}},
                             {});
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_THAT(settings->sources.file_roots, ElementsAre("/mnt/a", "/mnt/b"));
  EXPECT_EQ(settings->jobs.lease, Milliseconds(20'000));
  EXPECT_FALSE(settings->jobs.wait_for_index);
  EXPECT_THAT(settings->languages.at("Sales"), ElementsAre("en-US", "fr-FR"));
  EXPECT_EQ(settings->package.max_bytes, 100ULL << 30);
}

TEST_F(SettingsTest, TellsAllProblemsAtOnceWithNamePlaceAndValue) {
  const std::string text = problems("[server]\nloops = 0\nlisten = \"nowhere\"\n[log]\nlevel = \"loud\"\n",
                                    {{"WAYBILL_JOBS_LEASE", "soon"}}, {{"jobs.running", "many"}});
  EXPECT_THAT(text,
              HasSubstr("server.loops: expected a whole number from 1 to 256, found 0 (waybill.toml:2)"));
  EXPECT_THAT(text, HasSubstr("server.listen: expected address:port"));
  EXPECT_THAT(text, HasSubstr("found \"nowhere\" (waybill.toml:3)"));
  EXPECT_THAT(text, HasSubstr("log.level: expected"));
  EXPECT_THAT(text, AllOf(HasSubstr("jobs.lease: expected a duration from 100ms to 10min"),
                          HasSubstr("found \"soon\" (WAYBILL_JOBS_LEASE)")));
  EXPECT_THAT(
      text,
      HasSubstr("jobs.running: expected a whole number from 1 to 64, found \"many\" (the command line)"));
  EXPECT_EQ(split(text, '\n').size(), 5U) << text;
}

TEST_F(SettingsTest, SuggestsTheNameThatWasMeant) {
  EXPECT_THAT(problems("[server]\nlisten_ = \"127.0.0.1:1\"\n"), HasSubstr("did you mean server.listen?"));
  EXPECT_THAT(problems("[servr]\nlisten = \"127.0.0.1:1\"\n"), HasSubstr("did you mean server.listen?"));
  EXPECT_THAT(problems("loops = 1\n"), HasSubstr("loops: there is no such setting (waybill.toml:1)"));
  EXPECT_THAT(problems("", {}, {{"sever.loops", "1"}}), HasSubstr("did you mean server.loops?"));
}

TEST_F(SettingsTest, MistypedEnvironmentVariableIsRefusedWithoutItsValue) {
  const std::string text = problems("", {{"WAYBILL_CLIENT_SECRT", "hunter2"}});
  EXPECT_THAT(text, HasSubstr("did you mean WAYBILL_CLIENT_SECRET?"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
}

TEST_F(SettingsTest, VariablesOfTheCommandLineAreLeftAlone) {
  Texts environment;
  for (const char* name : {"WAYBILL_SERVER", "WAYBILL_TOKEN", "WAYBILL_CLIENT_ID", "WAYBILL_CLIENT_SECRET",
                           "WAYBILL_CONFIG", "WAYBILL_BIN", "WAYBILL_TEST_DATA"}) {
    environment[name] = "anything";
  }
  environment["WAYBILL_DATA_DIR"] = "/var/lib/waybill";
  const auto settings = load({}, environment, {});
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->storage.data_dir, "/var/lib/waybill");
}

TEST_F(SettingsTest, TwoNamesForTheDataFolderMustAgree) {
  EXPECT_THAT(problems("", {{"WAYBILL_DATA_DIR", "/a"}, {"WAYBILL_STORAGE_DATA_DIR", "/b"}}),
              HasSubstr("mean the same and differ"));
  EXPECT_EQ(problems("", {{"WAYBILL_DATA_DIR", "/a"}, {"WAYBILL_STORAGE_DATA_DIR", "/a"}}), "no problem");
}

TEST_F(SettingsTest, ChecksWhatOnlySeveralSettingsTogetherGetWrong) {
  EXPECT_THAT(problems("[server]\ncertificate = \"/a\"\n"), HasSubstr("server.private_key: expected a file"));
  EXPECT_THAT(problems("[server]\nprivate_key = \"/a\"\n"), HasSubstr("server.certificate: expected a file"));
  EXPECT_THAT(problems("[jobs]\nlease = \"1s\"\nbatch_time = \"900ms\"\n"), HasSubstr("jobs.lease"));
  EXPECT_THAT(problems("[package]\nmax_bytes = \"1MiB\"\n"), HasSubstr("server.max_upload_bytes"));
}

TEST_F(SettingsTest, ValuesOfTheWrongKindAreNamed) {
  EXPECT_THAT(problems("[server]\nloops = \"2\"\n"), HasSubstr("found \"2\""));
  EXPECT_THAT(problems("[server]\nloops = 2.5\n"), HasSubstr("found a number with a fraction"));
  EXPECT_THAT(problems("server = 1\n"), HasSubstr("server: there is no such setting"));
  EXPECT_THAT(problems("[jobs]\nlease = 2024-03-01\n"), HasSubstr("found a date or time"));
  EXPECT_THAT(problems("[jobs]\nwait_for_index = \"true\"\n"), HasSubstr("expected true or false"));
  EXPECT_THAT(problems("[sources]\nfile_roots = [\"relative\"]\n"), HasSubstr("a list of absolute paths"));
  EXPECT_THAT(problems("[languages]\nSales = [\"english\"]\n"), HasSubstr("languages: expected a table"));
}

TEST_F(SettingsTest, FileThatIsNotTomlNamesLineAndColumn) {
  const auto settings = from_file("[server]\nloops == 2\n");
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(settings.error().message, HasSubstr("waybill.toml:2:"));
}

TEST_F(SettingsTest, MissingFileIsNotFound) {
  const auto settings = load(folder_.path() / "none.toml", {}, {});
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.error().code, ErrorCode::not_found);
}

TEST(Endpoint, ReadsAddressesAndPorts) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:8080")->port, 8080);
  EXPECT_EQ(parse_endpoint("[::1]:0")->address, "::1");
  EXPECT_EQ(parse_endpoint("localhost:80")->address, "localhost");
  for (const char* wrong : {"", ":80", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80",
                            "example.com:80", "127.0.0.1:8x", "[]:80"}) {
    EXPECT_FALSE(parse_endpoint(wrong).has_value()) << wrong;
  }
}

TEST(Table, NamesAreUniqueAndEveryRowIsExplained) {
  std::set<std::string_view> names;
  for (const Row& row : table()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.unit.empty() || row.effect.empty() || row.default_value.empty()) << row.name;
  }
  EXPECT_EQ(table().front().environment, "WAYBILL_SERVER_LISTEN");
}

TEST(Table, TheExampleFileShowsEveryRowAndItsDefault) {
  const auto example = read_file(WAYBILL_EXAMPLE_FILE, 1 << 20);
  ASSERT_TRUE(example.ok()) << example.error().message;
  for (const Row& row : table()) {
    const auto dot = row.name.find('.');
    std::string line;
    if (dot == std::string_view::npos) {
      line = "\n[" + std::string(row.name) + "]\n";
    } else {
      line = "\n#" + std::string(row.name.substr(dot + 1)) + " = " + std::string(row.default_value);
    }
    EXPECT_NE(example->find(line), std::string::npos) << "packaging/waybill.toml lacks:" << line;
    EXPECT_NE(example->find("\n# " + std::string(row.effect) + "\n"), std::string::npos) << row.effect;
  }
}

TEST_F(SettingsTest, TheExampleFileIsAcceptedAsItIsAndWithEveryLineUncommented) {
  const auto example = read_file(WAYBILL_EXAMPLE_FILE, 1 << 20);
  ASSERT_TRUE(example.ok());
  EXPECT_EQ(problems(*example), "no problem");
  // Prose is "# …", a setting "#name = …".
  std::string uncommented;
  for (const auto line : split(*example, '\n')) {
    const bool setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    uncommented += std::string(line.substr(setting ? 1 : 0)) + "\n";
  }
  EXPECT_EQ(problems(uncommented), "no problem");
}

}  // namespace
}  // namespace waybill::config
