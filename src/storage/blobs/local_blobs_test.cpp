#include "storage/blobs/local_blobs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/files.h"

namespace waybill::storage {
namespace {

namespace fs = std::filesystem;

class LocalBlobStoreTest : public ::testing::Test {
 protected:
  fs::path file_of(const Sha256& hash) const {
    return temporary_.path() / "blobs" / to_hex(hash).substr(0, 2) / to_hex(hash);
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(temporary_.path()))
      count += entry.is_regular_file() ? 1U : 0U;
    return count;
  }

  TemporaryFolder temporary_;
  Context context_;
  LocalBlobStore blobs_{temporary_.path() / "blobs"};
};

TEST_F(LocalBlobStoreTest, GivesBackWhatWasPut) {
  for (const std::string& bytes : {std::string("abc"), std::string(), std::string(200'000, '\0')}) {
    ASSERT_TRUE(blobs_.put(sha256(bytes), bytes, context_));
    ASSERT_TRUE(blobs_.sync());
    EXPECT_EQ(blobs_.get(sha256(bytes)).value(), bytes);
    EXPECT_EQ(LocalBlobStore(temporary_.path() / "blobs").get(sha256(bytes)).value(), bytes);
  }
}

TEST_F(LocalBlobStoreTest, KeepsTheSameBytesOnce) {
  const Sha256 hash = sha256("abc");
  ASSERT_TRUE(blobs_.put(hash, "abc", context_));
  const auto written = fs::last_write_time(file_of(hash));
  ASSERT_TRUE(blobs_.put(hash, "abc", context_));
  ASSERT_TRUE(blobs_.sync());
  ASSERT_TRUE(blobs_.put(hash, "abc", context_));
  ASSERT_TRUE(LocalBlobStore(temporary_.path() / "blobs").put(hash, "abc", context_));
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(fs::last_write_time(file_of(hash)), written);
}

TEST_F(LocalBlobStoreTest, SaysWhatIsMissingOrDamaged) {
  EXPECT_EQ(blobs_.get(sha256("abc")).error().code, ErrorCode::not_found);
  ASSERT_TRUE(blobs_.put(sha256("abc"), "abc", context_));
  std::ofstream(file_of(sha256("abc"))) << "abd";
  EXPECT_EQ(blobs_.get(sha256("abc")).error().code, ErrorCode::corrupt);
}

TEST_F(LocalBlobStoreTest, MendsWhatAPowerCutLeftDamaged) {
  for (const char* left : {"", "abd"}) {
    ASSERT_TRUE(blobs_.put(sha256("abc"), "abc", context_));
    std::ofstream(file_of(sha256("abc")), std::ios::trunc) << left;
    LocalBlobStore restarted(temporary_.path() / "blobs");
    ASSERT_TRUE(restarted.put(sha256("abc"), "abc", context_));
    EXPECT_EQ(restarted.get(sha256("abc")).value(), "abc");
  }
}

TEST_F(LocalBlobStoreTest, RemovesWhatACrashLeftUnfinishedAndNotWhatAnotherProcessWrites) {
  ASSERT_TRUE(blobs_.put(sha256("abc"), "abc", context_));
  const fs::path incoming = temporary_.path() / "blobs" / "incoming";
  std::ofstream(incoming / "half") << "ab";
  std::ofstream(incoming / "old") << "ab";
  fs::last_write_time(incoming / "old", fs::file_time_type::clock::now() - std::chrono::hours(2));
  LocalBlobStore another(temporary_.path() / "blobs");
  EXPECT_TRUE(fs::exists(incoming / "half"));
  EXPECT_FALSE(fs::exists(incoming / "old"));
}

TEST_F(LocalBlobStoreTest, TakesTheSameBytesFromSeveralThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const std::string bytes = "blob " + std::to_string(i);
        EXPECT_TRUE(blobs_.put(sha256(bytes), bytes, context_));
        EXPECT_EQ(blobs_.get(sha256(bytes)).value(), bytes);
      }
      EXPECT_TRUE(blobs_.sync());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(files(), 50U);
}

TEST_F(LocalBlobStoreTest, ReportsAFolderThatCannotBeMade) {
  std::ofstream(temporary_.path() / "file") << "x";
  LocalBlobStore blobs(temporary_.path() / "file" / "blobs");
  EXPECT_FALSE(blobs.put(sha256("abc"), "abc", context_));
}

}  // namespace
}  // namespace waybill::storage
