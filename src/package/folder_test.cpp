#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/files.h"
#include "package/file_tree.h"
#include "package/test_zip.h"
#include "source/share.h"

namespace waybill::package {
namespace {

namespace fs = std::filesystem;
using test::MemorySource;
using test::ZipBuilder;
using ::testing::HasSubstr;

MemorySource folder(const std::vector<std::string>& paths) {
  MemorySource source;
  for (const std::string& path : paths) source.files_[path] = {"the bytes of " + path, "1"};
  return source;
}

std::string package_zip() {
  return ZipBuilder().add("manifest.json", "{}").bytes();
}

Opened open(source::Source& source, const Limits& limits = {}) {
  auto opened = open_package(source, limits, Context());
  if (!opened) {
    ADD_FAILURE() << opened.error().message;
    return {};
  }
  EXPECT_EQ(opened->files == nullptr, !opened->findings.empty());
  return std::move(*opened);
}

std::string refusal(source::Source& source, const Limits& limits = {}) {
  const Opened opened = open(source, limits);
  if (opened.findings.empty()) return "(accepted)";
  return std::string(report::info(opened.findings.front().rule).code) + ": " +
         opened.findings.front().message;
}

std::string read(const FileTree& files, std::string_view path) {
  const auto file = files.find(path);
  if (!file) return "(not found)";
  std::string bytes;
  const auto done = files.read(*file, 1'000, bytes, Context());
  return done ? bytes : done.error().message;
}

/// Its files are asked to stop while they are read.
class StoppedSource final : public MemorySource {
 public:
  explicit StoppedSource(const Context& context) : context_(context) {}
  Result<std::unique_ptr<source::RandomAccess>> open(const std::string& path, const Context&) override {
    return std::unique_ptr<source::RandomAccess>(
        std::make_unique<test::StoppedFile>(files_[path].bytes, context_));
  }

 private:
  const Context& context_;
};

TEST(Folder, StopsInTheMidstOfALargeFile) {
  const Context context;
  StoppedSource source(context);
  source.files_["manifest.json"] = {"{}", "1"};
  source.files_["knowledgehub/articles/a.bin"] = {std::string(9'000'000, 'a'), "1"};
  const Opened opened = open(source);
  ASSERT_TRUE(opened.files);
  const auto file = opened.files->find("knowledgehub/articles/a.bin");
  ASSERT_TRUE(file);
  std::string bytes;
  const auto read = opened.files->read(*file, 9'000'000, bytes, context);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::cancelled);
}

TEST(Package, IsTheZipThatThePathNames) {
  MemorySource source;
  source.uri_ = "file:///share/a.ZIP";
  source.files_[""] = {package_zip(), "v1"};
  const Opened opened = open(source);
  ASSERT_TRUE(opened.files);
  EXPECT_EQ(read(*opened.files, "manifest.json"), "{}");
  EXPECT_EQ(opened.files->version(), "v1");
  source.uri_ = "file:///share/a.pack";
  EXPECT_THAT(refusal(source), HasSubstr("package-not-found"));
}

TEST(Folder, HasADigestOfEachFilesBytes) {
  MemorySource source = folder({"manifest.json", "knowledgehub/a", "knowledgehub/b"});
  source.files_["knowledgehub/c"] = source.files_["knowledgehub/a"];
  const Opened opened = open(source);
  ASSERT_TRUE(opened.files);
  const auto digest = [&](std::string_view path) {
    const FileIndex file = *opened.files->find(path);
    PackedFile packed;
    std::string bytes;
    EXPECT_TRUE(opened.files->read_packed(file, 1'000, packed, Context()));
    EXPECT_TRUE(opened.files->unpack(file, packed, bytes));
    EXPECT_EQ(bytes, read(*opened.files, path));
    return packed.digest;
  };
  EXPECT_EQ(digest("knowledgehub/a"), digest("knowledgehub/c"));
  EXPECT_NE(digest("knowledgehub/a"), digest("knowledgehub/b"));
}

TEST(Package, IsAnUploadWhateverItsName) {
  MemorySource source;
  source.uri_ = "upload://6F9619FF-8B86-4011-B42D-00C04FC964FF";
  source.files_[""] = {package_zip(), "v1"};
  EXPECT_TRUE(open(source).files);
}

TEST(Package, IsTheFolderAtItsRootOrBelowOneTopFolder) {
  MemorySource bare = folder({"manifest.json", "knowledgehub/knowledgehub.json", ".DS_Store"});
  MemorySource topped = folder({"top/knowledgehub/knowledgehub.json", "top/x.zip", "__MACOSX/x"});
  const Opened opened = open(bare);
  ASSERT_TRUE(opened.files);
  EXPECT_EQ(opened.files->count(), 2U);
  EXPECT_EQ(read(*opened.files, "manifest.json"), "the bytes of manifest.json");
  EXPECT_THAT(opened.description, HasSubstr("folder of 69 bytes with 2 files at file:///share/folder"));
  EXPECT_EQ(read(*open(topped).files, "knowledgehub/knowledgehub.json"),
            "the bytes of top/knowledgehub/knowledgehub.json");
}

TEST(Package, IsTheOneZipInTheFolder) {
  MemorySource source = folder({"readme.txt", "old/b.zip", "._a.zip"});
  source.files_["a.zip"] = {package_zip(), "v1"};
  const Opened opened = open(source);
  ASSERT_TRUE(opened.files);
  EXPECT_EQ(read(*opened.files, "manifest.json"), "{}");
  EXPECT_THAT(opened.description, HasSubstr("file:///share/folder/a.zip"));
}

TEST(Package, IsNotChosenAmongSeveralZips) {
  MemorySource source = folder({"b.zip", "a.zip", "c.ZIP"});
  const std::string why = refusal(source);
  EXPECT_THAT(why, HasSubstr("package-ambiguous"));
  EXPECT_THAT(why, HasSubstr("a.zip, b.zip, c.ZIP"));
  MemorySource many;
  for (int i = 0; i < 25; ++i) many.files_["z" + std::to_string(i) + ".zip"] = {};
  EXPECT_THAT(refusal(many), HasSubstr("and 5 more"));
}

TEST(Package, IsNotFoundInAFolderWithoutOne) {
  MemorySource empty;
  MemorySource other = folder({"a.txt", "knowledgehub.txt"});
  EXPECT_THAT(refusal(empty), HasSubstr("package-not-found"));
  EXPECT_THAT(refusal(other), HasSubstr("package-not-found"));
}

TEST(FolderPackage, IsRefusedForAllItsFaultsAtOnce) {
  MemorySource source = folder({"manifest.json", "a\\b", "Gr\xF6", "c\n"});
  const Opened opened = open(source);
  EXPECT_EQ(opened.findings.size(), 3U);
}

TEST(FolderPackage, KeepsToTheLimits) {
  MemorySource source = folder({"manifest.json", "b"});
  Limits limits;
  limits.entries = 1;
  EXPECT_THAT(refusal(source, limits), HasSubstr("package-entry-limit"));
  limits = {};
  limits.total_bytes = 10;
  EXPECT_THAT(refusal(source, limits), HasSubstr("package-size-limit"));
}

TEST(FolderPackage, HasAnotherVersionWhenAnyFileHas) {
  MemorySource source = folder({"manifest.json", "b"});
  const std::string before = open(source).files->version();
  EXPECT_EQ(open(source).files->version(), before);
  source.files_["b"].version = "2";
  EXPECT_NE(open(source).files->version(), before);
}

TEST(FolderPackage, ReportsAFileThatChangedSinceItWasListed) {
  MemorySource source = folder({"manifest.json", "b"});
  const Opened opened = open(source);
  source.files_["b"].version = "2";
  source.files_.erase("manifest.json");
  for (const char* path : {"b", "manifest.json"}) {
    std::string bytes;
    const FileIndex file = *opened.files->find(path);
    const auto whole = opened.files->read(file, 1'000, bytes, Context());
    ASSERT_FALSE(whole);
    EXPECT_EQ(whole.error().code, ErrorCode::unavailable);
    EXPECT_TRUE(whole.error().retryable());
    EXPECT_THAT(whole.error().message, HasSubstr("while the package was being read"));
    EXPECT_FALSE(opened.files->stream(file, Context()));
  }
}

TEST(FolderPackage, IsReadFromDisk) {
  const TemporaryFolder temporary;
  const std::string text(600'000, 't');
  fs::create_directories(temporary.path() / "knowledgehub" / "articles");
  std::ofstream(temporary.path() / "manifest.json") << "{}";
  std::ofstream(temporary.path() / "knowledgehub" / "articles" / "articles.json") << text;
  auto source = source::open_local(temporary.path());
  ASSERT_TRUE(source);
  {
    const Opened opened = open(**source);
    ASSERT_TRUE(opened.files);
    EXPECT_EQ(read(*opened.files, "manifest.json"), "{}");
    const auto file = opened.files->find("knowledgehub/articles/articles.json");
    ASSERT_TRUE(file);
    const auto pieces = opened.files->stream(*file, Context());
    std::string bytes;
    while ((*pieces)->next(bytes).value()) {
    }
    EXPECT_TRUE(bytes == text);
  }
  fs::create_symlink("/etc/passwd", temporary.path() / "knowledgehub" / "passwd");
  EXPECT_THAT(refusal(**source),
              HasSubstr("entry-link: links and special files are not read: knowledgehub/passwd"));
}

}  // namespace
}  // namespace waybill::package
