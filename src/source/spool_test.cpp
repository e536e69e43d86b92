#include "source/spool.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "base/files.h"

namespace waybill::source {
namespace {

constexpr std::size_t kChunk = SpoolOptions::kChunk;

/// What the far side was asked for, and how it behaves.
struct Far {
  std::uint64_t size = 0;
  std::string version = "v1";
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::uint64_t> fetched;  // offsets
  bool fail = false;
  bool hold = false;

  static char byte_at(std::uint64_t offset) { return static_cast<char>((offset * 2654435761U) >> 13U); }

  Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) {
    std::unique_lock lock(mutex);
    fetched.push_back(offset);
    changed.notify_all();
    while (hold) {
      changed.wait_for(lock, std::chrono::milliseconds(5));
      WB_CHECK_OK(context.check());
    }
    if (fail) return Error{ErrorCode::unavailable, "the far side is away"};
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = byte_at(offset + i);
    return {};
  }
  void wait_for_fetches(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return fetched.size() >= count; });
  }
  std::vector<std::uint64_t> all() {
    const std::lock_guard lock(mutex);
    return fetched;
  }
  void set(bool Far::*what, bool value) {
    const std::lock_guard lock(mutex);
    this->*what = value;
    changed.notify_all();
  }
};

class FarFile final : public RandomAccess {
 public:
  explicit FarFile(Far& far) : far_(far) {}
  std::uint64_t size() const override { return far_.size; }
  std::string version() const override { return far_.version; }
  Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) const override {
    return far_.read(offset, into, context);
  }

 private:
  Far& far_;
};

class FarSource final : public Source {
 public:
  explicit FarSource(Far& far) : far_(far) {}
  std::string uri() const override { return "s3://bucket/package.zip"; }
  bool is_far() const override { return true; }
  Result<std::vector<FileInfo>> list(const Context&) override {
    return std::vector<FileInfo>{{"", far_.size, "v1"}};
  }
  Result<std::unique_ptr<RandomAccess>> open(const std::string&, const Context&) override {
    return std::unique_ptr<RandomAccess>(std::make_unique<FarFile>(far_));
  }
  std::string log_location(std::string_view) const override { return {}; }
  Result<std::string> put_log(std::string_view, const std::filesystem::path&, const Context&) override {
    return std::string();
  }
  Result<void> remove_log(std::string_view, const Context&) override { return {}; }

 private:
  Far& far_;
};

class SpoolTest : public ::testing::Test {
 protected:
  std::unique_ptr<RandomAccess> open(std::uint64_t read_ahead = 0, int threads = 1) {
    SpoolOptions options;
    options.folder = spools();
    options.name = "job";
    options.read_ahead = read_ahead;
    options.threads = threads;
    source_ = make_spooled(std::make_unique<FarSource>(far_), options, space_);
    return std::move(source_->open("", context_)).value();
  }
  std::filesystem::path spools() const { return folder_.path() / "spool"; }
  void read(const RandomAccess& file, std::size_t chunk) const {
    std::vector<char> bytes(10);
    ASSERT_TRUE(file.read(chunk * kChunk, bytes, context_).ok());
    EXPECT_TRUE(right(chunk * kChunk, bytes));
  }
  /// As a crash leaves them: the files of a spool that nobody took away.
  void leave_behind(std::size_t chunks) {
    const auto file = open();
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) read(*file, chunk);
    source_->keep();
  }
  static bool right(std::uint64_t offset, const std::vector<char>& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] != Far::byte_at(offset + i)) return false;
    }
    return true;
  }

  TemporaryFolder folder_;
  Far far_;
  std::shared_ptr<SpoolSpace> space_ = std::make_shared<SpoolSpace>(1ULL << 30U);
  std::unique_ptr<Source> source_;
  const Context context_;
};

TEST_F(SpoolTest, OnlyWhatIsNeededIsFetchedAndOnce) {
  far_.size = 10 * kChunk + 5;
  const auto file = open();
  std::vector<char> tail(22);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(file->read(far_.size - tail.size(), tail, context_).ok());
    EXPECT_TRUE(right(far_.size - tail.size(), tail));
  }
  EXPECT_EQ(std::set<std::uint64_t>({9 * kChunk, 10 * kChunk}), [&] {
    const auto all = far_.all();
    return std::set<std::uint64_t>(all.begin(), all.end());
  }());
  EXPECT_EQ(far_.all().size(), 2U);
}

TEST_F(SpoolTest, AReadMayCrossChunks) {
  far_.size = 3 * kChunk;
  const auto file = open();
  std::vector<char> bytes(kChunk + 100);
  ASSERT_TRUE(file->read(kChunk - 50, bytes, context_).ok());
  EXPECT_TRUE(right(kChunk - 50, bytes));
  EXPECT_EQ(far_.all(), (std::vector<std::uint64_t>{0, kChunk, 2 * kChunk}));
}

TEST_F(SpoolTest, ReadsAheadUpToItsBoundAndNoFurther) {
  far_.size = 20 * kChunk;
  auto file = open(3 * kChunk);
  std::vector<char> bytes(10);
  ASSERT_TRUE(file->read(5 * kChunk, bytes, context_).ok());
  far_.wait_for_fetches(4);
  ASSERT_TRUE(file->read(5 * kChunk, bytes, context_).ok());  // is there already; moves nothing
  file.reset();                                               // ends the last fetch
  const auto all = far_.all();
  EXPECT_EQ(std::set<std::uint64_t>(all.begin(), all.end()),
            (std::set<std::uint64_t>{5 * kChunk, 6 * kChunk, 7 * kChunk, 8 * kChunk}));
}

TEST_F(SpoolTest, NothingIsFetchedBeforeTheFirstRead) {
  far_.size = 4 * kChunk;
  { const auto file = open(4 * kChunk); }
  EXPECT_TRUE(far_.all().empty());
}

TEST_F(SpoolTest, ManyReadersFetchEachChunkOnce) {
  far_.size = 8 * kChunk;
  const auto file = open(8 * kChunk, 2);
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (unsigned reader = 0; reader < 4; ++reader) {
    readers.emplace_back([&, reader] {
      std::vector<char> bytes(1'000);
      for (std::uint64_t step = 0; step < 64; ++step) {
        const std::uint64_t offset = (step * 7 + reader) % 64 * (kChunk / 8);
        if (!file->read(offset, bytes, context_) || !right(offset, bytes)) ++wrong;
      }
    });
  }
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  auto all = far_.all();
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end()) << "a chunk was fetched twice";
}

TEST_F(SpoolTest, AFailedFetchIsTheReadersErrorAndTheNextReadTriesAgain) {
  far_.size = 2 * kChunk;
  const auto file = open();
  std::vector<char> bytes(10);
  far_.set(&Far::fail, true);
  const auto failed = file->read(0, bytes, context_);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  far_.set(&Far::fail, false);
  EXPECT_TRUE(file->read(0, bytes, context_).ok());
}

TEST_F(SpoolTest, CancelEndsTheWaitForAnothersFetch) {
  far_.size = 4 * kChunk;
  const auto file = open(2 * kChunk);
  std::vector<char> bytes(10);
  ASSERT_TRUE(file->read(3 * kChunk, bytes, context_).ok());
  far_.set(&Far::hold, true);
  std::thread first([&] {
    std::vector<char> own(10);
    (void)file->read(0, own, context_);
  });
  far_.wait_for_fetches(2);
  const Context cancelled;
  cancelled.cancel();
  const auto read = file->read(0, bytes, cancelled);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::cancelled);
  far_.set(&Far::hold, false);
  first.join();
}

TEST_F(SpoolTest, ReadingAheadEndsWithTheWorkThatOpenedTheFile) {
  far_.size = 4 * kChunk;
  far_.set(&Far::hold, true);
  const auto file = open(4 * kChunk);
  std::vector<char> bytes(10), own(10);
  std::thread cancelled([&] {
    const auto read = file->read(0, own, context_);
    EXPECT_FALSE(read.ok());
  });
  far_.wait_for_fetches(2);  // the second is the first one ahead
  context_.cancel();
  cancelled.join();
  bool done = false;
  std::thread later([&] { done = file->read(kChunk, bytes, Context()).ok(); });
  far_.wait_for_fetches(3);  // by this reader: what was fetched ahead was given up
  far_.set(&Far::hold, false);
  later.join();
  EXPECT_TRUE(done);
  EXPECT_EQ(far_.all().size(), 3U);
}

TEST_F(SpoolTest, ItEndsWhileItReadsAhead) {
  far_.size = 4 * kChunk;
  auto file = open(4 * kChunk, 2);
  std::vector<char> bytes(10);
  ASSERT_TRUE(file->read(0, bytes, context_).ok());
  far_.set(&Far::hold, true);
  file.reset();  // would hang if a thread went on waiting
  EXPECT_EQ(space_->used(), 0U);
}

TEST_F(SpoolTest, NothingStaysWhereNoOtherRunFollows) {
  far_.size = kChunk;
  auto file = open();
  read(*file, 0);
  EXPECT_FALSE(std::filesystem::is_empty(spools()));
  file.reset();
  EXPECT_TRUE(std::filesystem::is_empty(spools()));
}

TEST_F(SpoolTest, TheNextRunFetchesWhatIsMissingAlone) {
  far_.size = 5 * kChunk + 7;
  leave_behind(3);
  far_.fetched.clear();
  const auto file = open();
  for (std::size_t chunk = 0; chunk < 5; ++chunk) read(*file, chunk);
  EXPECT_EQ(far_.all(), (std::vector<std::uint64_t>{3 * kChunk, 4 * kChunk}));
}

TEST_F(SpoolTest, AnotherZipIsFetchedAnew) {
  far_.size = 3 * kChunk;
  leave_behind(3);
  far_.fetched.clear();
  far_.version = "v2";
  const auto file = open();
  for (std::size_t chunk = 0; chunk < 3; ++chunk) read(*file, chunk);
  EXPECT_EQ(far_.all().size(), 3U);
}

TEST_F(SpoolTest, BytesThatALossOfPowerTookAreFetchedAgain) {
  far_.size = 3 * kChunk;
  leave_behind(3);
  far_.fetched.clear();
  {
    const FileDescriptor data(::open((spools() / "job.data").c_str(), O_WRONLY | O_CLOEXEC));
    const std::string zeros(4096, '\0');
    ASSERT_EQ(::pwrite(data.get(), zeros.data(), zeros.size(), static_cast<off_t>(kChunk)), 4096);
  }
  const auto file = open();
  for (std::size_t chunk = 0; chunk < 3; ++chunk) read(*file, chunk);
  EXPECT_EQ(far_.all(), (std::vector<std::uint64_t>{kChunk}));
}

TEST_F(SpoolTest, ATornListCountsAsFarAsItIsWhole) {
  far_.size = 3 * kChunk;
  leave_behind(3);
  far_.fetched.clear();
  const auto list = spools() / "job.chunks";
  std::filesystem::resize_file(list, std::filesystem::file_size(list) - 1);
  const auto file = open();
  for (std::size_t chunk = 0; chunk < 3; ++chunk) read(*file, chunk);
  EXPECT_EQ(far_.all(), (std::vector<std::uint64_t>{2 * kChunk}));
}

TEST_F(SpoolTest, SweepingTakesWhatNobodyWants) {
  far_.size = kChunk;
  leave_behind(1);
  sweep_spools(spools(), [](std::string_view name) { return name == "job"; });
  EXPECT_TRUE(std::filesystem::exists(spools() / "job.data"));
  sweep_spools(spools(), [](std::string_view) { return false; });
  EXPECT_TRUE(std::filesystem::is_empty(spools()));
  sweep_spools(folder_.path() / "none", [](std::string_view) { return false; });
}

TEST_F(SpoolTest, SpaceIsBoundedForAllTogether) {
  far_.size = 2 * kChunk;
  space_ = std::make_shared<SpoolSpace>(3 * kChunk);
  auto file = open();
  const auto without_room = source_->open("", context_.with_timeout(Milliseconds(10)));
  ASSERT_FALSE(without_room.ok());
  EXPECT_EQ(without_room.error().code, ErrorCode::timeout);
  std::thread waiting([&] { EXPECT_TRUE(source_->open("", context_).ok()); });
  file.reset();
  waiting.join();
  EXPECT_EQ(space_->used(), 0U);
  far_.size = 4 * kChunk;
  const auto large = source_->open("", context_);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, ErrorCode::limit_exceeded);
  EXPECT_NE(large.error().message.find("spool.max_bytes"), std::string::npos);
}

}  // namespace
}  // namespace waybill::source
