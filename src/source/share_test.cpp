#include "source/share.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/files.h"
#include "source/beneath.h"

namespace waybill::source {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class ShareTest : public ::testing::Test {
 protected:
  ShareTest() {
    fs::create_directories(root());
    fs::create_directories(outside());
    write(outside() / "secret.zip", "secret");
  }

  fs::path root() const { return temporary_.path() / "root"; }
  fs::path outside() const { return temporary_.path() / "outside"; }

  static void write(const fs::path& path, const std::string& bytes) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }

  Result<std::unique_ptr<Source>> share(const std::string& below_temporary) const {
    return open_share("file://" + temporary_.path().string() + below_temporary, {root()});
  }

  ErrorCode refusal(const std::string& below_temporary) const {
    const auto opened = share(below_temporary);
    return opened ? ErrorCode::internal : opened.error().code;
  }

  Context context_;
  TemporaryFolder temporary_;
};

std::string read_all(const RandomAccess& file) {
  std::string bytes(file.size(), '\0');
  EXPECT_TRUE(file.read(0, bytes, Context()));
  return bytes;
}

std::vector<std::string> paths(const std::vector<FileInfo>& files) {
  std::vector<std::string> out;
  for (const FileInfo& file : files) out.push_back(file.path);
  return out;
}

TEST(FileUri, HasAnAbsolutePathOnThisMachine) {
  EXPECT_EQ(parse_file_uri("file:///a/b%20c.zip").value(), "/a/b c.zip");
  EXPECT_EQ(parse_file_uri("FILE://LOCALHOST/a").value(), "/a");
  EXPECT_EQ(parse_file_uri("file:/a").value(), "/a");
  for (const char* bad : {"file://server/a", "file:a", "file://", "http:///a", "", "file:///a%zz",
                          "file:///a%00b", "file:///a?b", "file:///a#b"}) {
    const auto parsed = parse_file_uri(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument) << bad;
  }
}

TEST_F(ShareTest, ReadsAFileBelowARoot) {
  write(root() / "in" / "a b.zip", "0123456789");
  auto source = share("/root/in/a%20b.zip");
  ASSERT_TRUE(source) << source.error().message;
  const auto files = (*source)->list(context_);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ(files->front().path, "");
  EXPECT_EQ(files->front().size, 10U);
  const auto file = (*source)->open("", context_);
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->version(), files->front().version);
  std::string middle(3, '\0');
  ASSERT_TRUE((*file)->read(4, middle, context_));
  EXPECT_EQ(middle, "456");
}

TEST_F(ShareTest, ListsAFolderByPathWithoutItsLogs) {
  write(root() / "pack" / "manifest.json", "{}");
  write(root() / "pack" / "knowledgehub" / "articles" / "a.html", "<p>");
  write(root() / "pack" / "knowledgehub" / "logs" / "kept.html", "<p>");
  write(root() / "pack" / "logs" / "import-logs-X.txt", "old");
  auto source = share("/root/pack/");
  ASSERT_TRUE(source) << source.error().message;
  const auto files = (*source)->list(context_);
  ASSERT_TRUE(files);
  EXPECT_THAT(paths(*files), ::testing::ElementsAre("knowledgehub/articles/a.html",
                                                    "knowledgehub/logs/kept.html", "manifest.json"));
  const auto file = (*source)->open("knowledgehub/articles/a.html", context_);
  ASSERT_TRUE(file);
  EXPECT_EQ(read_all(**file), "<p>");
}

TEST_F(ShareTest, RefusesWhatLiesOutsideTheRoots) {
  fs::create_symlink(outside(), root() / "way_out");
  fs::create_symlink(outside() / "secret.zip", root() / "link.zip");
  EXPECT_EQ(refusal("/outside/secret.zip"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/root/../outside/secret.zip"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/root/%2e%2e/outside/secret.zip"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/root/..%2Foutside%2Fsecret.zip"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/root/way_out/secret.zip"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/root/link.zip"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/rootless"), ErrorCode::permission_denied);
}

TEST_F(ShareTest, DoesNotTellWhetherSomethingOutsideIsThere) {
  fs::create_symlink(outside(), root() / "way_out");
  fs::create_symlink(outside() / "missing", root() / "dangling");
  EXPECT_EQ(refusal("/outside/missing"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/root/way_out/missing"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/root/../outside/missing"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/root/dangling"), ErrorCode::permission_denied);
  EXPECT_EQ(refusal("/root/missing"), ErrorCode::not_found);
}

TEST_F(ShareTest, SaysWhatTheOperatorMustSet) {
  const std::string uri = "file://" + root().string();
  EXPECT_THAT(open_share(uri, {}).error().message, HasSubstr("sources.file_roots"));
  EXPECT_EQ(open_share(uri, {}).error().code, ErrorCode::permission_denied);
  EXPECT_THAT(open_share(uri, {outside()}).error().message, HasSubstr("sources.file_roots"));
}

TEST_F(ShareTest, FollowsALinkThatStaysBelowTheRoot) {
  write(root() / "v2" / "p.zip", "two");
  fs::create_symlink("v2", root() / "current");
  auto source = share("/root/current/p.zip");
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(read_all(**(*source)->open("", context_)), "two");
}

TEST_F(ShareTest, NamesLinksAndSpecialFilesInsideAPackage) {
  write(root() / "pack" / "manifest.json", "{}");
  fs::create_symlink("/etc/passwd", root() / "pack" / "passwd.html");
  ASSERT_EQ(::mkfifo((root() / "pack" / "pipe").c_str(), 0600), 0);
  auto source = share("/root/pack");
  ASSERT_TRUE(source);
  const auto files = (*source)->list(context_);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(files.error().message, HasSubstr("passwd.html"));
  EXPECT_THAT(files.error().message, HasSubstr("pipe"));
}

TEST_F(ShareTest, DoesNotFollowALinkThatIsSwappedInLater) {
  write(root() / "pack" / "sub" / "secret.zip", "harmless");
  write(root() / "one.zip", "harmless");
  auto folder = share("/root/pack");
  auto file = share("/root/one.zip");
  ASSERT_TRUE(folder && file);
  fs::remove_all(root() / "pack" / "sub");
  fs::create_symlink(outside(), root() / "pack" / "sub");
  fs::remove(root() / "one.zip");
  fs::create_symlink(outside() / "secret.zip", root() / "one.zip");
  EXPECT_EQ((*folder)->open("sub/secret.zip", context_).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ((*file)->open("", context_).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ((*folder)->open("../outside/secret.zip", context_).error().code, ErrorCode::invalid_argument);
}

TEST_F(ShareTest, OpensNameByNameAsSafelyAsByOneCall) {
  write(root() / "a" / "b" / "c.txt", "c");
  fs::create_symlink(outside(), root() / "a" / "out");
  fs::create_symlink("b/c.txt", root() / "a" / "c_link");
  const FileDescriptor top(::open(root().c_str(), O_PATH | O_DIRECTORY));
  for (const auto open : {open_beneath, open_beneath_by_names}) {
    EXPECT_TRUE(open(top.get(), "a/b/c.txt", O_RDONLY, "it"));
    EXPECT_TRUE(open(top.get(), "", O_RDONLY | O_DIRECTORY, "it"));
    EXPECT_EQ(open(top.get(), "a/none", O_RDONLY, "it").error().code, ErrorCode::not_found);
    for (const char* bad :
         {"a/out/secret.zip", "a/out", "a/c_link", "a/../a/b/c.txt", "/etc/passwd", "a//b", "."}) {
      for (const int flags : {O_RDONLY, O_PATH}) {
        const auto opened = open(top.get(), bad, flags, "it");
        ASSERT_FALSE(opened) << bad;
        EXPECT_EQ(opened.error().code, ErrorCode::invalid_argument) << bad << ": " << opened.error().message;
      }
    }
  }
}

TEST_F(ShareTest, AFileThatIsWrittenToWhileItIsOpenStopsTheJob) {
  write(root() / "a.zip", std::string(10'000, 'x'));
  auto source = share("/root/a.zip");
  auto file = (*source)->open("", context_);
  ASSERT_TRUE(file);
  ASSERT_EQ(::truncate((root() / "a.zip").c_str(), 100), 0);
  std::string bytes(200, '\0');
  const auto cut = (*file)->read(0, bytes, context_);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::unavailable);
  EXPECT_NE(cut.error().message.find("a.zip changed"), std::string::npos) << cut.error().message;
  EXPECT_NE((*source)->list(context_)->front().version, (*file)->version());
}

TEST_F(ShareTest, AFileThatIsReplacedWhileItIsOpenIsReadOnAsItWas) {
  write(root() / "a.zip", std::string(1'000, 'x'));
  auto source = share("/root/a.zip");
  auto file = (*source)->open("", context_);
  ASSERT_TRUE(file);
  write(root() / "b.zip", std::string(1'000, 'y'));
  std::filesystem::rename(root() / "b.zip", root() / "a.zip");
  std::string bytes(200, '\0');
  ASSERT_TRUE((*file)->read(0, bytes, context_).ok());
  EXPECT_EQ(bytes, std::string(200, 'x'));
  EXPECT_FALSE((*file)->read(900, bytes, context_).ok()) << "beyond the end";
}

TEST_F(ShareTest, PutsTheLogBesideAZip) {
  write(root() / "in" / "a.zip", "zip");
  write(temporary_.path() / "log.txt", "line\n");
  auto source = share("/root/in/a.zip");
  ASSERT_TRUE(source);
  const auto put = (*source)->put_log("import-logs-1.txt", temporary_.path() / "log.txt", context_);
  ASSERT_TRUE(put) << put.error().message;
  const fs::path log = fs::canonical(root()) / "in" / "logs" / "import-logs-1.txt";
  EXPECT_EQ(*put, "file://" + log.string());
  EXPECT_EQ((*source)->log_location("import-logs-1.txt"), *put);
  EXPECT_EQ(read_file(log, 100).value(), "line\n");
  EXPECT_EQ(fs::status(log).permissions(), fs::perms(0644));

  write(temporary_.path() / "log.txt", "line\nmore\n");
  ASSERT_TRUE((*source)->put_log("import-logs-1.txt", temporary_.path() / "log.txt", context_));
  EXPECT_EQ(read_file(log, 100).value(), "line\nmore\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(log.parent_path()), {}), 1) << "a temporary file was left";
}

TEST_F(ShareTest, PutsTheLogBesideAFolderUnlessItIsARoot) {
  write(root() / "in" / "pack" / "manifest.json", "{}");
  EXPECT_THAT((*share("/root/in/pack"))->log_location("l"), ::testing::EndsWith("/root/in/logs/l"));
  EXPECT_THAT((*share("/root/in/pack/"))->log_location("l"), ::testing::EndsWith("/root/in/logs/l"));
  EXPECT_THAT((*share("/root"))->log_location("l"), ::testing::EndsWith("/root/logs/l"));
}

TEST_F(ShareTest, DoesNotWriteALogThroughALink) {
  write(root() / "in" / "a.zip", "zip");
  write(temporary_.path() / "log.txt", "line\n");
  fs::create_symlink(outside(), root() / "in" / "logs");
  auto source = share("/root/in/a.zip");
  const auto put = (*source)->put_log("import-logs-1.txt", temporary_.path() / "log.txt", context_);
  ASSERT_FALSE(put);
  EXPECT_FALSE(fs::exists(outside() / "import-logs-1.txt"));
  EXPECT_FALSE((*source)->put_log("../x", temporary_.path() / "log.txt", context_));
}

TEST_F(ShareTest, ReadsAnyPathForItsUserAndPutsNoLogThere) {
  auto source = open_local(outside() / "secret.zip");
  ASSERT_TRUE(source);
  EXPECT_EQ(read_all(**(*source)->open("", context_)), "secret");
  EXPECT_EQ((*source)->log_location("l"), "");
  EXPECT_FALSE((*source)->put_log("l", outside() / "secret.zip", context_));
  EXPECT_EQ(open_local(outside() / "none").error().code, ErrorCode::not_found);
}

TEST_F(ShareTest, StopsWhenItIsAskedTo) {
  write(root() / "a.zip", "zip");
  auto source = share("/root/a.zip");
  context_.cancel();
  EXPECT_EQ((*source)->list(context_).error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace waybill::source
