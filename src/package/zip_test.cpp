#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "package/file_tree.h"
#include "package/test_zip.h"
#include "package/zip_tree.h"

namespace waybill::package {
namespace {

using test::ZipBuilder;
using test::ZipEntry;
using test::ZipOptions;
using ::testing::HasSubstr;

constexpr std::uint64_t kAny = ~0ULL;

std::unique_ptr<FileTree> open(const std::string& bytes, LocalHeaders headers = LocalHeaders::check_at_open) {
  auto opened =
      open_zip(std::make_unique<test::MemoryFile>(bytes), "file:///a.zip", Limits{}, Context(), headers);
  EXPECT_TRUE(opened) << opened.error().message;
  for (const auto& finding : opened->findings)
    ADD_FAILURE() << finding.location.file << ": " << finding.message;
  return std::move(opened->files);
}

std::string read(const FileTree& files, std::string_view path) {
  const auto file = files.find(path);
  if (!file) return "(not found)";
  std::string bytes = "what was there before";
  const auto done = files.read(*file, kAny, bytes, Context());
  return done ? bytes : done.error().message;
}

Result<std::string> stream(const FileTree& files, std::string_view path) {
  WB_TRY(const auto pieces, files.stream(*files.find(path), Context()));
  std::string bytes;
  for (;;) {
    WB_TRY(const bool more, pieces->next(bytes));
    if (!more) return bytes;
  }
}

/// Text that packs well, but not better than deflate can.
std::string long_text(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  text.resize(bytes);
  return text;
}

TEST(Zip, GivesStoredAndDeflatedFilesWholeAndInPieces) {
  const std::string text = long_text(3'000'000);
  ZipEntry stored{"stored.bin", text};
  stored.method = 0;
  const auto files = open(ZipBuilder().add(stored).add("deflated.html", text).add("empty", "").bytes());
  ASSERT_TRUE(files);
  ASSERT_EQ(files->count(), 3U);
  EXPECT_EQ(files->size(*files->find("deflated.html")), text.size());
  for (const char* path : {"stored.bin", "deflated.html"}) {
    EXPECT_TRUE(read(*files, path) == text) << path;
    EXPECT_TRUE(stream(*files, path).value() == text) << path;
  }
  EXPECT_EQ(read(*files, "empty"), "");
  EXPECT_EQ(stream(*files, "empty").value(), "");
}

TEST(Zip, UnpacksInTwoStepsWhatItReadsInOne) {
  const std::string text = long_text(100'000);
  ZipEntry stored{"stored", text};
  stored.method = 0;
  ZipEntry damaged{"damaged", text};
  damaged.checksum = 1;
  const auto files = open(ZipBuilder()
                              .add("a", text)
                              .add("the same", text)
                              .add(stored)
                              .add("other", text + "x")
                              .add(damaged)
                              .bytes());
  std::vector<Sha256> digests;
  for (FileIndex file = 0; file < files->count(); ++file) {
    PackedFile packed;
    ASSERT_TRUE(files->read_packed(file, kAny, packed, Context()));
    digests.push_back(packed.digest);
    std::string bytes = "what was there before";
    const auto done = files->unpack(file, packed, bytes);
    EXPECT_EQ(done ? bytes : done.error().message, read(*files, files->path(file))) << files->path(file);
    const auto deflated = files->deflated(file, packed);
    EXPECT_EQ(deflated.has_value(), files->path(file) != "stored");
    if (deflated && done) {
      EXPECT_EQ(*deflated, test::deflate(bytes)) << files->path(file);
    }
  }
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_NE(digests[0], digests[2]) << "other packed bytes: whether they are the same text is not looked at";
  EXPECT_NE(digests[0], digests[3]);
  EXPECT_NE(digests[0], digests[4]) << "the same packed bytes, of which the directory says something else";
  PackedFile packed;
  EXPECT_EQ(files->read_packed(0, text.size() - 1, packed, Context()).error().code,
            ErrorCode::limit_exceeded);
}

TEST(Zip, StreamsInBoundedPieces) {
  const auto files = open(ZipBuilder().add("a", long_text(2'000'000)).bytes());
  const auto pieces = files->stream(0, Context());
  ASSERT_TRUE(pieces);
  std::string piece;
  std::size_t total = 0;
  for (;;) {
    piece.clear();
    const auto more = (*pieces)->next(piece);
    ASSERT_TRUE(more);
    if (!*more) break;
    EXPECT_LE(piece.size(), 256U * 1024);
    total += piece.size();
  }
  EXPECT_EQ(total, 2'000'000U);
}

TEST(Zip, ReadsDescriptorsZip64CommentsAndAPrefixThatOffsetsCount) {
  ZipEntry streamed{"streamed", "with a descriptor"};
  streamed.descriptor = true;
  ZipEntry large{"large", "in zip64 fields"};
  large.zip64 = true;
  large.local_extra = test::extra_field(0x5455, std::string(300, 't'));
  for (const bool zip64 : {false, true}) {
    ZipOptions options;
    options.comment = "made by hand, PK inside";
    options.prefix = "#!/bin/sh\nexit\n";
    options.zip64 = zip64;
    for (const auto headers : {LocalHeaders::check_at_open, LocalHeaders::check_when_read}) {
      const auto files = open(ZipBuilder(options).add(streamed).add(large).add("plain").bytes(), headers);
      ASSERT_TRUE(files);
      EXPECT_EQ(read(*files, "streamed"), "with a descriptor");
      EXPECT_EQ(read(*files, "large"), "in zip64 fields");
      EXPECT_EQ(stream(*files, "large").value(), "in zip64 fields");
      EXPECT_EQ(read(*files, "plain"), "x");
    }
  }
}

TEST(Zip, TakesOneTopFolderOff) {
  const auto files = open(ZipBuilder()
                              .add("top/", "")
                              .add("top/manifest.json", "{}")
                              .add("__MACOSX/top/._manifest.json")
                              .add("top/knowledgehub/articles/.DS_Store")
                              .add("top/Thumbs.db")
                              .add("top/knowledgehub/knowledgehub.json", "{}")
                              .bytes());
  ASSERT_TRUE(files);
  EXPECT_EQ(files->count(), 2U);
  EXPECT_EQ(read(*files, "manifest.json"), "{}");
  EXPECT_EQ(files->path(*files->find("knowledgehub/knowledgehub.json")), "knowledgehub/knowledgehub.json");
  EXPECT_FALSE(files->find("top/manifest.json"));
}

TEST(Zip, LeavesPathsAsTheyAreWhereThePackageIsAtTheRootOrHasTwoTops) {
  const auto bare = open(ZipBuilder().add("knowledgehub/knowledgehub.json", "{}").bytes());
  EXPECT_TRUE(bare->find("knowledgehub/knowledgehub.json"));
  const auto two = open(ZipBuilder().add("a/x").add("b/x").bytes());
  EXPECT_TRUE(two->find("a/x"));
}

TEST(Zip, ReadsNamesInUtf8WhetherTheyAreMarkedOrNot) {
  ZipEntry marked{"Größe.html", "1"};
  ZipEntry unmarked{"日本.html", "2"};
  unmarked.flags = 0;
  ZipEntry with_field{
      "Gr\x94\xE1"
      "e2.html",
      "3"};
  with_field.flags = 0;
  with_field.extra =
      test::extra_field(0x7075, '\x01' + test::le(test::crc(with_field.name), 4) + "Größe2.html");
  const auto files = open(ZipBuilder().add(marked).add(unmarked).add(with_field).bytes());
  ASSERT_TRUE(files);
  EXPECT_EQ(read(*files, "Größe.html"), "1");
  EXPECT_EQ(read(*files, "日本.html"), "2");
  EXPECT_EQ(read(*files, "Größe2.html"), "3");
}

TEST(Zip, HoldsSeventyThousandEntries) {
  ZipOptions options;
  options.zip64 = true;
  ZipBuilder builder(options);
  for (int i = 0; i < 70'000; ++i) {
    ZipEntry entry{
        "knowledgehub/articles/content/" + std::to_string(i % 100) + "/" + std::to_string(i) + ".html",
        std::to_string(i)};
    entry.method = 0;
    builder.add(entry);
  }
  const auto files = open(builder.bytes());
  ASSERT_TRUE(files);
  EXPECT_EQ(files->count(), 70'000U);
  for (const int i : {0, 1, 34'567, 69'999}) {
    EXPECT_EQ(read(*files, "knowledgehub/articles/content/" + std::to_string(i % 100) + "/" +
                               std::to_string(i) + ".html"),
              std::to_string(i));
  }
  EXPECT_FALSE(files->find("knowledgehub/articles/content/0/70000.html"));
}

TEST(Zip, IsReadByManyThreadsAtOnce) {
  ZipBuilder builder;
  for (int i = 0; i < 100; ++i)
    builder.add("f" + std::to_string(i), long_text(1'000 + static_cast<unsigned>(i)));
  const auto files = open(builder.bytes());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i)
        EXPECT_EQ(read(*files, "f" + std::to_string(i)), long_text(1'000 + static_cast<unsigned>(i)));
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(Zip, ReadsNoFileLargerThanAsked) {
  const auto files = open(ZipBuilder().add("a.html", "12345").bytes());
  std::string bytes;
  EXPECT_EQ(files->read(0, 4, bytes, Context()).error().code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(files->read(0, 5, bytes, Context()));
}

TEST(Zip, StopsWhenItIsAskedTo) {
  const auto files = open(ZipBuilder().add("a.html", "12345").bytes());
  Context context;
  context.cancel();
  std::string bytes;
  EXPECT_EQ(files->read(0, 5, bytes, context).error().code, ErrorCode::cancelled);
  EXPECT_EQ(
      open_zip(std::make_unique<test::MemoryFile>(ZipBuilder().add("a").bytes()), "u", Limits{}, context)
          .error()
          .code,
      ErrorCode::cancelled);
}

TEST(Zip, StopsInTheMidstOfALargeFile) {
  const Context context;
  ZipEntry entry;
  entry.name = "a.bin";
  entry.method = 0;
  entry.data = std::string(9'000'000, 'a');
  auto file = std::make_unique<test::StoppedFile>(ZipBuilder().add(entry).bytes(), context);
  const test::StoppedFile& asked = *file;
  auto opened = open_zip(std::move(file), "file:///a.zip", Limits{}, Context());
  ASSERT_TRUE(opened && opened->files);
  std::string bytes;
  const auto read = opened->files->read(0, 9'000'000, bytes, context);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::cancelled);
  EXPECT_LT(asked.most(), 3'000'000U);
}

TEST(Zip, DescribesItselfForTheLog) {
  const std::string bytes = ZipBuilder().add("a").add("b").bytes();
  const auto opened =
      open_zip(std::make_unique<test::MemoryFile>(bytes, "v7"), "file:///a.zip", Limits{}, Context());
  EXPECT_EQ(opened->description,
            "zip of " + std::to_string(bytes.size()) + " bytes with 2 files at file:///a.zip");
  EXPECT_EQ(opened->files->version(), "v7");
}

/// Entries whose bytes are not what the directory says; the directory itself is in order.
struct Damage {
  const char* what;
  ZipEntry entry;
  const char* message;
};

ZipEntry damaged(std::uint16_t method, void (*change)(ZipEntry&)) {
  ZipEntry entry{"a.html", long_text(1'000)};
  entry.method = method;
  entry.descriptor = true;  // so that the local header does not contradict
  change(entry);
  return entry;
}

class DamagedEntry : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedEntry, IsReportedByNameWhicheverWayItIsRead) {
  const auto files = open(ZipBuilder().add(GetParam().entry).bytes());
  ASSERT_TRUE(files);
  std::string bytes;
  const auto whole = files->read(0, kAny, bytes, Context());
  const auto pieces = stream(*files, "a.html");
  ASSERT_FALSE(whole);
  ASSERT_FALSE(pieces);
  for (const Error& error : {whole.error(), pieces.error()}) {
    EXPECT_EQ(error.code, ErrorCode::corrupt);
    EXPECT_THAT(error.message, HasSubstr("a.html"));
    EXPECT_THAT(error.message, HasSubstr(GetParam().message));
  }
}

INSTANTIATE_TEST_SUITE_P(
    , DamagedEntry,
    ::testing::Values(
        Damage{"StoredChecksum", damaged(0, [](ZipEntry& e) { e.checksum = 1; }), "checksum"},
        Damage{"DeflatedChecksum", damaged(8, [](ZipEntry& e) { e.checksum = 1; }), "checksum"},
        Damage{"LongerThanSaid", damaged(8, [](ZipEntry& e) { e.size = 999; }), "more than the 999 bytes"},
        Damage{"MuchLongerThanSaid",
               damaged(8,
                       [](ZipEntry& e) {
                         e.data.assign(50'000'000, 'a');
                         e.size = 1'000;
                         e.packed_size.reset();
                       }),
               "more than the 1000 bytes"},
        Damage{"ShorterThanSaid", damaged(8, [](ZipEntry& e) { e.size = 1'001; }), "1000 bytes where"},
        Damage{"Garbage", damaged(8, [](ZipEntry& e) { e.packed = std::string(500, '\xFF'); }), "broken"},
        Damage{"BytesBehindTheEnd",
               damaged(8, [](ZipEntry& e) { e.packed = test::deflate(e.data) + "more"; }),
               "packed bytes do"}),
    [](const auto& damage) { return damage.param.what; });

TEST(Zip, ReportsADeflateStreamWithoutItsEnd) {
  const auto files = open(ZipBuilder()
                              .add(damaged(8,
                                           [](ZipEntry& e) {
                                             e.packed = test::deflate(e.data);
                                             e.packed->resize(e.packed->size() / 2);
                                           }))
                              .bytes());
  std::string bytes;
  EXPECT_EQ(files->read(0, kAny, bytes, Context()).error().code, ErrorCode::corrupt);
  EXPECT_THAT(stream(*files, "a.html").error().message, HasSubstr("has no end"));
}

}  // namespace
}  // namespace waybill::package
