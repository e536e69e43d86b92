#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "package/file_tree.h"
#include "package/test_zip.h"
#include "package/zip_tree.h"

namespace waybill::package {
namespace {

using report::Rule;
using test::ZipBuilder;
using test::ZipEntry;
using test::ZipOptions;
using ::testing::HasSubstr;

Opened open(const std::string& bytes, const Limits& limits = {},
            LocalHeaders headers = LocalHeaders::check_at_open) {
  auto opened =
      open_zip(std::make_unique<test::MemoryFile>(bytes), "file:///a.zip", limits, Context(), headers);
  if (!opened) {
    ADD_FAILURE() << opened.error().message;
    return {};
  }
  EXPECT_EQ(opened->files == nullptr, !opened->findings.empty());
  return std::move(*opened);
}

std::vector<std::string> codes(const Opened& opened) {
  std::vector<std::string> out;
  for (const auto& finding : opened.findings) out.emplace_back(report::info(finding.rule).code);
  return out;
}

/// A zip that must be refused, by which rule, and what the message says.
struct Hostile {
  const char* name;
  std::string bytes;
  Rule rule;
  const char* message = "";
};

std::ostream& operator<<(std::ostream& out, const Hostile& hostile) {
  return out << hostile.name;
}

std::string with(void (*change)(ZipEntry&)) {
  ZipEntry entry{"dir/a.html", "the content of a small file"};
  change(entry);
  return ZipBuilder().add("before.html").add(entry).add("behind.html").bytes();
}

std::string named(const std::string& name) {
  return ZipBuilder().add("good.html").add(name).bytes();
}

std::string framed(void (*change)(ZipOptions&)) {
  ZipOptions options;
  change(options);
  return ZipBuilder(options).add("a.html", "content").bytes();
}

std::string without_its_end(std::size_t bytes) {
  std::string zip = ZipBuilder().add("a.html", "content").add("b.html", "content").bytes();
  zip.resize(zip.size() - bytes);
  return zip;
}

/// Two directory entries for the one local header.
std::string twice_the_same_header() {
  ZipEntry second{"a.html", "content"};
  second.header = 0;
  return ZipBuilder().add("b.html", "content").add(second).bytes();
}

/// An entry whose data holds the whole of the next one.
std::string quoted_entry() {
  const std::string inner = ZipBuilder().add("inner.html", "content").bytes();
  ZipBuilder builder;
  ZipEntry outer{"outer.html", inner};
  outer.method = 0;
  builder.add(outer);
  ZipEntry quoted{"inner.html", "content"};
  quoted.header = 30 + outer.name.size();
  return builder.add(quoted).bytes();
}

/// A local extra field that moves the data into the next entry, which the directory alone does not show.
std::string extra_field_over_next() {
  ZipEntry first{"a.html", "content"};
  first.method = 0;
  std::string zip = ZipBuilder().add(first).add("b.html", "content").bytes();
  zip.replace(28, 2, test::le(20, 2));  // the first header's extra length
  return zip;
}

std::string with_two_ends() {
  ZipOptions options;
  const std::string fake = "PK\x05\x06" + std::string(16, '\0');
  options.comment = fake + test::le(0, 2);
  return ZipBuilder(options).add("a.html").bytes();
}

class HostileZip : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileZip, IsRefusedByItsRule) {
  const Opened opened = open(GetParam().bytes);
  EXPECT_FALSE(opened.files);
  ASSERT_FALSE(opened.findings.empty());
  EXPECT_THAT(codes(opened), ::testing::Contains(std::string(report::info(GetParam().rule).code)));
  EXPECT_THAT(opened.findings.front().message, HasSubstr(GetParam().message));
  EXPECT_EQ(opened.findings.front().severity(), report::Severity::error);
}

std::string show(const ::testing::TestParamInfo<Hostile>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Path, HostileZip,
    ::testing::Values(
        Hostile{"Parent", named("../a"), Rule::entry_path_unsafe, "'..'"},
        Hostile{"ParentInside", named("a/../../b"), Rule::entry_path_unsafe, "'..'"},
        Hostile{"ParentAtTheEnd", named("a/.."), Rule::entry_path_unsafe, "'..'"},
        Hostile{"ParentFolder", named("../"), Rule::entry_path_unsafe, "'..'"},
        Hostile{"Here", named("./a"), Rule::entry_path_unsafe, "'.'"},
        Hostile{"Absolute", named("/etc/passwd"), Rule::entry_path_unsafe, "absolute"},
        Hostile{"Root", named("/"), Rule::entry_path_unsafe, "empty"},
        Hostile{"Backslash", named("..\\a"), Rule::entry_path_unsafe, "backslash"},
        Hostile{"Drive", named("C:/a"), Rule::entry_path_unsafe, "drive"},
        Hostile{"DriveRelative", named("c:a"), Rule::entry_path_unsafe, "drive"},
        Hostile{"Nul", named(std::string("a.html\0.exe", 11)), Rule::entry_path_unsafe, "NUL"},
        Hostile{"Newline", named("a\nb"), Rule::entry_path_unsafe, "control"},
        Hostile{"EmptyPart", named("a//b"), Rule::entry_path_unsafe, "empty name"},
        Hostile{"Empty", named(""), Rule::entry_path_unsafe, "empty"},
        Hostile{"TooLong", named(std::string(1'025, 'a')), Rule::entry_path_unsafe, "1025 bytes"},
        Hostile{"LitterThatEscapes", named("__MACOSX/../../a"), Rule::entry_path_unsafe, "'..'"},
        Hostile{"CodePage437", with([](ZipEntry& e) {
                  e.name =
                      "Gr\x94\xE1"
                      "e";
                  e.flags = 0;
                }),
                Rule::entry_name_encoding, "at byte 3"},
        Hostile{"FalselyMarkedUtf8", with([](ZipEntry& e) { e.name = "Gr\xF6"; }), Rule::entry_name_encoding,
                "though"},
        Hostile{"OverlongSlash", with([](ZipEntry& e) {
                  e.name =
                      "a\xC0\xAF"
                      "b";
                }),
                Rule::entry_name_encoding},
        Hostile{"UnicodePathThatEscapes", with([](ZipEntry& e) {
                  e.flags = 0;
                  e.extra = test::extra_field(0x7075, '\x01' + test::le(test::crc(e.name), 4) + "../../a");
                }),
                Rule::entry_path_unsafe, "'..'"}),
    show);

INSTANTIATE_TEST_SUITE_P(
    Kind, HostileZip,
    ::testing::Values(
        Hostile{"Link", with([](ZipEntry& e) { e.mode = 0120777; }), Rule::entry_link},
        Hostile{"Device", with([](ZipEntry& e) { e.mode = 0020666; }), Rule::entry_link},
        Hostile{"Pipe", with([](ZipEntry& e) { e.mode = 0010666; }), Rule::entry_link},
        Hostile{"Encrypted", with([](ZipEntry& e) { e.flags = 0x801; }), Rule::entry_encrypted},
        Hostile{"StronglyEncrypted", with([](ZipEntry& e) { e.flags = 0x841; }), Rule::entry_encrypted},
        Hostile{"Masked", with([](ZipEntry& e) { e.flags = 0x2800; }), Rule::entry_encrypted},
        Hostile{"Aes", with([](ZipEntry& e) { e.method = 99; }), Rule::entry_encrypted},
        Hostile{"EncryptedInTheLocalHeaderAlone", with([](ZipEntry& e) { e.local_flags = 0x801; }),
                Rule::entry_encrypted},
        Hostile{"Bzip2", with([](ZipEntry& e) { e.method = 12; }), Rule::entry_method, "method 12"},
        Hostile{"Zstandard", with([](ZipEntry& e) { e.method = 93; }), Rule::entry_method, "method 93"},
        Hostile{"Patch", with([](ZipEntry& e) { e.flags = 0x820; }), Rule::entry_method, "patch"}),
    show);

INSTANTIATE_TEST_SUITE_P(
    Structure, HostileZip,
    ::testing::Values(
        Hostile{"Nothing", "", Rule::package_unreadable, "empty"},
        Hostile{"NoZip", "<html>" + std::string(100'000, ' '), Rule::package_unreadable, "not a zip"},
        Hostile{"CutInItsEnd", without_its_end(1), Rule::package_unreadable, "no end record"},
        Hostile{"CutInItsDirectory", without_its_end(40), Rule::package_unreadable, "no end record"},
        Hostile{"LongerThanItsEnd", framed([](ZipOptions&) {}) + "x", Rule::package_unreadable,
                "no end record"},
        Hostile{"TwoEnds", with_two_ends(), Rule::package_unreadable, "more than one end"},
        Hostile{"PrefixNotCounted", framed([](ZipOptions& o) {
                  o.prefix = "prefix";
                  o.prefix_counted = false;
                }),
                Rule::package_unreadable, "offsets"},
        Hostile{"BytesBehindTheDirectory", framed([](ZipOptions& o) { o.between = "xyz"; }),
                Rule::package_unreadable, "offsets"},
        Hostile{"SeveralParts", framed([](ZipOptions& o) { o.disk = 1; }), Rule::package_unreadable, "parts"},
        Hostile{"SeveralPartsZip64", framed([](ZipOptions& o) {
                  o.disk = 1;
                  o.zip64 = true;
                }),
                Rule::package_unreadable, "parts"},
        Hostile{"DirectoryBehindTheEnd", framed([](ZipOptions& o) { o.directory_offset = 1'000'000; }),
                Rule::package_unreadable, "cut"},
        Hostile{"DirectoryFarBehindTheEnd", framed([](ZipOptions& o) {
                  o.directory_offset = ~0ULL - 10;
                  o.zip64 = true;
                }),
                Rule::package_unreadable, "cut"},
        Hostile{"DirectoryLargerThanTheFile", framed([](ZipOptions& o) {
                  o.directory_size = ~0ULL;
                  o.zip64 = true;
                }),
                Rule::package_unreadable, "cut"},
        Hostile{"MoreEntriesSaid", framed([](ZipOptions& o) { o.count = 2; }), Rule::package_unreadable,
                "2 entries"},
        Hostile{"VeryManyEntriesSaid", framed([](ZipOptions& o) {
                  o.count = ~0ULL >> 1U;
                  o.zip64 = true;
                }),
                Rule::package_unreadable, "entries"},
        Hostile{"FewerEntriesSaid", framed([](ZipOptions& o) { o.count = 0; }), Rule::package_unreadable,
                "goes on"},
        Hostile{"EntryBehindTheDirectory", with([](ZipEntry& e) { e.header = 1'000'000; }),
                Rule::package_unreadable, "cut"},
        Hostile{"EntryIntoTheDirectory", with([](ZipEntry& e) {
                  e.packed_size = 250;
                  e.size = 2'000;
                }),
                Rule::package_unreadable, "cut"},
        Hostile{"EntryOfAllBytes", with([](ZipEntry& e) {
                  e.packed_size = e.size = ~0ULL;
                  e.zip64 = true;
                }),
                Rule::package_unreadable, "cut"},
        Hostile{"Zip64FieldMissing", with([](ZipEntry& e) { e.size = 0xFFFFFFFF; }), Rule::package_unreadable,
                "ZIP64"},
        Hostile{"StoredWithTwoLengths", with([](ZipEntry& e) {
                  e.method = 0;
                  e.size = 5;
                }),
                Rule::package_unreadable, "stored"},
        Hostile{"OtherLocalName", with([](ZipEntry& e) { e.local_name = "dir/b.html"; }),
                Rule::package_unreadable, "dir/b.html"},
        Hostile{"OtherLocalMethod", with([](ZipEntry& e) { e.local_method = 0; }), Rule::package_unreadable,
                "method"},
        Hostile{"OtherLocalChecksum", with([](ZipEntry& e) { e.local_checksum = 1; }),
                Rule::package_unreadable, "differ"},
        Hostile{"NoLocalHeader", with([](ZipEntry& e) {
                  e.header = 5;
                  e.packed_size = 1;
                  e.size = 1;
                }),
                Rule::package_unreadable, ""}),
    show);

INSTANTIATE_TEST_SUITE_P(
    Together, HostileZip,
    ::testing::Values(
        Hostile{"TheSameNameTwice", ZipBuilder().add("a").add("b").add("a").bytes(), Rule::entry_duplicate},
        Hostile{"FileAndFolder", ZipBuilder().add("a/b.html").add("a-").add("a").bytes(),
                Rule::entry_duplicate, "a/b.html"},
        Hostile{"TheSameHeaderTwice", twice_the_same_header(), Rule::entry_overlap, "b.html"},
        Hostile{"QuotedEntry", quoted_entry(), Rule::entry_overlap, "outer.html"},
        Hostile{"LocalExtraOverNext", extra_field_over_next(), Rule::entry_overlap, "next"},
        Hostile{"Ratio", with([](ZipEntry& e) { e.size = 1'000'000; }), Rule::entry_ratio_limit,
                "1100 times"},
        Hostile{"RatioOfNothing", with([](ZipEntry& e) { e.packed = ""; }), Rule::entry_ratio_limit},
        Hostile{"Total",
                ZipBuilder()
                    .add([] {
                      ZipEntry entry{"a", "x"};
                      entry.size = (64ULL << 30) + 1;
                      entry.zip64 = true;
                      return entry;
                    }())
                    .bytes(),
                Rule::package_size_limit}),
    show);

TEST(HostileZips, AreRefusedForAllTheirFaultsAtOnce) {
  ZipEntry link{"link", "x"};
  link.mode = 0120777;
  ZipEntry locked{"locked", "x"};
  locked.flags = 1;
  EXPECT_THAT(codes(open(ZipBuilder().add("../a").add(link).add(locked).add("b").add("b").bytes())),
              ::testing::UnorderedElementsAre("entry-path-unsafe", "entry-link", "entry-encrypted",
                                              "entry-duplicate"));
}

TEST(HostileZips, NameFiftyEntriesOfARuleAndCountTheRest) {
  ZipBuilder builder;
  for (int i = 0; i < 1'000; ++i) builder.add("../" + std::to_string(i));
  const Opened opened = open(builder.bytes());
  ASSERT_EQ(opened.findings.size(), 51U);
  EXPECT_EQ(opened.findings.front().location.file, "../0");
  EXPECT_THAT(opened.findings.back().message, HasSubstr("950 more"));
}

TEST(HostileZips, ShowNamesThatAreNotUtf8InUtf8) {
  ZipEntry entry{
      "Gr\x94\xE1"
      "e",
      "x"};
  entry.flags = 0;
  EXPECT_EQ(open(ZipBuilder().add(entry).bytes()).findings.front().location.file, "Gr\\x94\\xe1e");
}

TEST(HostileZips, KeepToTheLimitsOfTheSettings) {
  Limits limits;
  limits.entries = 2;
  limits.total_bytes = 3;
  const std::string three = ZipBuilder().add("a").add("b").add("c").bytes();
  EXPECT_THAT(codes(open(three, limits)), ::testing::ElementsAre("package-entry-limit"));
  limits.entries = 3;
  EXPECT_TRUE(open(three, limits).files);
  limits.total_bytes = 2;
  EXPECT_THAT(codes(open(three, limits)), ::testing::ElementsAre("package-size-limit"));
}

TEST(HostileZips, AreFoundOutWhenReadWhereLocalHeadersAreNotCheckedBefore) {
  const auto other_name = [](ZipEntry& e) { e.local_name = "dir/b.html"; };
  for (const std::string& bytes : {with(other_name), extra_field_over_next()}) {
    const Opened opened = open(bytes, {}, LocalHeaders::check_when_read);
    ASSERT_TRUE(opened.files);
    int damaged = 0;
    for (FileIndex file = 0; file < opened.files->count(); ++file) {
      std::string into;
      const auto whole = opened.files->read(file, 1'000, into, Context());
      EXPECT_EQ(whole.ok(), opened.files->stream(file, Context()).ok());
      if (!whole) EXPECT_EQ(whole.error().code, ErrorCode::corrupt);
      damaged += whole ? 0 : 1;
    }
    EXPECT_EQ(damaged, 1);
  }
}

TEST(HostileZips, NeverBreakTheReaderWhereverTheyAreCutOrBent) {
  ZipEntry streamed{"s.html", "streamed content"};
  streamed.descriptor = true;
  ZipEntry large{"l.html", "large content"};
  large.zip64 = true;
  ZipOptions options;
  options.zip64 = true;
  const std::string good = ZipBuilder(options).add("a.html", "content").add(streamed).add(large).bytes();
  const auto read_all = [](const std::string& bytes) {
    const auto opened = open_zip(std::make_unique<test::MemoryFile>(bytes), "u", Limits{}, Context(),
                                 LocalHeaders::check_when_read);
    ASSERT_TRUE(opened) << opened.error().message;
    if (!opened->files) return;
    for (FileIndex file = 0; file < opened->files->count(); ++file) {
      std::string into;
      (void)opened->files->read(file, 1U << 20U, into, Context());
      const auto pieces = opened->files->stream(file, Context());
      for (int i = 0; pieces && i < 10; ++i) {
        const auto more = (*pieces)->next(into);
        if (!more || !*more) break;
      }
    }
  };
  for (std::size_t length = 0; length < good.size(); ++length) read_all(good.substr(0, length));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char bent : {'\x00', '\x01', '\x7F', '\xFF'}) {
      std::string bytes = good;
      bytes[at] = bent;
      read_all(bytes);
    }
  }
}

}  // namespace
}  // namespace waybill::package
