#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "base/cancel.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"
#include "base/thread.h"
#include "base/time.h"

namespace waybill {
namespace {

TEST(Uuid, IsWrittenInUpperCaseAndReadInEither) {
  const Uuid id = Uuid::random();
  const std::string text = id.to_string();
  EXPECT_EQ(text[14], '4');
  EXPECT_EQ(to_lower(text).size(), 36U);
  EXPECT_EQ(Uuid::parse(text), id);
  EXPECT_EQ(Uuid::parse(to_lower(text)), id);
  for (const char* wrong :
       {"", "7A84B875-6F75-4C7B-B137-0632B62DB0B", "7A84B8756F75-4C7B-B137-0632B62DB0BDA-",
        "7A84B875-6F75-4C7B-B137-0632B62DB0BG", "{A84B875-6F75-4C7B-B137-0632B62DB0BD"}) {
    EXPECT_EQ(Uuid::parse(wrong), std::nullopt) << wrong;
  }
}

TEST(KnowledgeId, ReadsOnlyItsOwnForm) {
  EXPECT_EQ(to_string(KnowledgeId(1000042)), "WB-1000042");
  EXPECT_EQ(parse_knowledge_id("WB-1000042"), KnowledgeId(1000042));
  for (const char* wrong : {"", "WB-", "WB-01", "WB--1", "WB-1x", "wb-1", "WB-99999999999999999999"}) {
    EXPECT_EQ(parse_knowledge_id(wrong), std::nullopt) << wrong;
  }
}

TEST(Time, ReadsRfc3339AndWritesMilliseconds) {
  EXPECT_EQ(format_time(*parse_time("2024-03-01T10:00:00.000Z")), "2024-03-01T10:00:00.000Z");
  EXPECT_EQ(format_time(*parse_time("2024-03-01T12:30:00.1239+02:30")), "2024-03-01T10:00:00.123Z");
  EXPECT_EQ(format_time(*parse_time("2024-02-29T23:59:59Z")), "2024-02-29T23:59:59.000Z");
  for (const char* wrong :
       {"", "2024-03-01", "2024-13-01T10:00:00Z", "2023-02-29T10:00:00Z", "2024-03-01T24:00:00Z",
        "2024-03-01T10:00:60Z", "2024-03-01T10:00:00", "2024-03-01T10:00:00.Z", "2024-03-01T10:00:00Z ",
        "2024-03-01 10:00:00Z", "2024-03-01T10:00:00+0200"}) {
    EXPECT_EQ(parse_time(wrong), std::nullopt) << wrong;
  }
}

TEST(Text, FindsTheFirstByteThatIsNotUtf8) {
  EXPECT_EQ(first_invalid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), std::nullopt);
  EXPECT_EQ(first_invalid_utf8("ab\xFF"), 2U);
  EXPECT_EQ(first_invalid_utf8("\xC0\x80"), 0U);          // overlong
  EXPECT_EQ(first_invalid_utf8("\xED\xA0\x80"), 0U);      // surrogate
  EXPECT_EQ(first_invalid_utf8("\xF4\x90\x80\x80"), 0U);  // beyond U+10FFFF
  EXPECT_EQ(first_invalid_utf8("x\xE2\x82"), 1U);         // cut off
  EXPECT_EQ(utf8_length("a\xC3\xA9\xE2\x82\xAC"), 3U);
}

TEST(Text, EscapesWhatCouldForgeALogLine) {
  EXPECT_EQ(escape_controls("a\nb\x1b[31m\x7f\u0085\u2028é"), "a\\nb\\u001b[31m\\u007f\\u0085\\u2028é");
}

TEST(Text, TruncatesBetweenCodePoints) {
  EXPECT_EQ(truncate_utf8("éééé", 8), "éééé");
  EXPECT_EQ(truncate_utf8("éééé", 7), "éé…");
  EXPECT_EQ(truncate_utf8("éééé", 6), "é…");
}

TEST(Text, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string_view> names = {"description", "articleKeywords", "folder"};
  EXPECT_EQ(nearest("descripton", names), "description");
  EXPECT_EQ(nearest("Flodre", names), "folder");
  EXPECT_EQ(nearest("price", names), std::nullopt);
}

TEST(Text, PercentAndBase64RoundTrip) {
  EXPECT_EQ(percent_encode("a b/é", "/"), "a%20b/%C3%A9");
  EXPECT_EQ(percent_decode("a%20b/%c3%A9"), "a b/é");
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
  EXPECT_EQ(percent_decode("%zz"), std::nullopt);
  for (const char* text : {"", "f", "fo", "foo", "foob", "\xff\xfe"}) {
    EXPECT_EQ(base64_decode(base64url_encode(text)), text);
  }
  EXPECT_EQ(base64_decode("Zm9v"), "foo");  // RFC 4648, 10
  EXPECT_EQ(base64_decode("Z"), std::nullopt);
}

TEST(Hash, MatchesTheStandardsVector) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-4
}

TEST(Files, AtomicWriteReplacesAndLeavesNothingElse) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.txt";
  ASSERT_TRUE(write_file_atomically(path, "one").ok());
  ASSERT_TRUE(write_file_atomically(path, "two").ok());
  EXPECT_EQ(*read_file(path, 10), "two");
  EXPECT_EQ(read_file(path, 2).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Context, APartStopsWithTheWholeAndByItself) {
  const Context whole;
  const Context first = whole.part();
  const Context second = whole.part().with_timeout(Milliseconds(60'000));
  first.cancel();
  EXPECT_TRUE(first.cancelled());
  EXPECT_FALSE(second.cancelled());
  EXPECT_FALSE(whole.cancelled());
  whole.cancel();
  EXPECT_EQ(second.check().error().code, ErrorCode::cancelled);
  EXPECT_TRUE(whole.part().cancelled());
}

TEST(Context, TellsCancelledFromExpired) {
  FakeClock clock(*parse_time("2024-03-01T10:00:00Z"));
  const Context context(clock);
  const Context inner = context.with_timeout(Milliseconds(100));
  EXPECT_TRUE(inner.check().ok());
  clock.advance(Milliseconds(100));
  EXPECT_EQ(inner.check().error().code, ErrorCode::timeout);
  EXPECT_TRUE(context.check().ok());
  context.cancel();
  EXPECT_EQ(inner.check().error().code, ErrorCode::cancelled);
}

/// sched_setattr(2). Its own header and <sched.h> do not go together.
struct Scheduling {
  std::uint32_t size, policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime, deadline, period;
};

TEST(Thread, YieldsWithoutLosingItsShareAndForItselfAlone) {
  const auto read = [] {
    Scheduling attributes{};
    EXPECT_EQ(::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0), 0);
    return attributes;
  };
  const Scheduling before = read();
  Scheduling inside{};
  std::thread([&] {
    yield_to_others();
    inside = read();
  }).join();
  EXPECT_EQ(inside.policy, before.policy);
  EXPECT_EQ(inside.nice, before.nice);
  EXPECT_GE(inside.runtime, before.runtime) << "a system that knows no slices says 0 for both";
  EXPECT_EQ(read().runtime, before.runtime);
}

}  // namespace
}  // namespace waybill
