#include "source/uploads.h"

#include <fcntl.h>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/files.h"

namespace waybill::source {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class UploadsTest : public ::testing::Test {
 protected:
  fs::path body(const std::string& bytes) const {
    const fs::path path = temporary_.path() / "body.tmp";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  TemporaryFolder temporary_;
  FakeClock clock_{*parse_time("2024-03-01T10:00:00.000Z")};
  LocalUploads uploads_{temporary_.path() / "uploads", clock_};
  Department sales_{"Sales & Söhne\nsize 0"};
  Context context_;
  const std::function<Result<bool>(const UploadId&)> none_ = [](const UploadId&) { return false; };
};

TEST_F(UploadsTest, KeepsWhatItAdopts) {
  const fs::path sent = body("zip bytes");
  const auto id = uploads_.adopt(sent, sales_, context_);
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_FALSE(fs::exists(sent));
  auto source = LocalUploads(temporary_.path() / "uploads", clock_).open(upload_uri(*id), sales_, context_);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ((*source)->uri(), "upload://" + to_string(*id));
  EXPECT_EQ((*source)->log_location("l"), "");
  auto file = (*source)->open("", context_);
  ASSERT_TRUE(file);
  std::string bytes((*file)->size(), '\0');
  ASSERT_TRUE((*file)->read(0, bytes, context_));
  EXPECT_EQ(bytes, "zip bytes");
}

TEST_F(UploadsTest, HidesAnotherDepartmentsUploadAsIfItWereNotThere) {
  const auto id = uploads_.adopt(body("zip"), sales_, context_);
  const auto foreign = uploads_.open(upload_uri(*id), Department("Legal"), context_);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::not_found);
  fs::remove_all(temporary_.path() / "uploads");
  const auto gone = uploads_.open(upload_uri(*id), Department("Legal"), context_);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message, foreign.error().message);
}

TEST_F(UploadsTest, RefusesWhatIsNoUploadUri) {
  EXPECT_EQ(uploads_.open("file:///a", sales_, context_).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(uploads_.open("upload://../../etc/passwd", sales_, context_).error().code, ErrorCode::not_found);
}

TEST_F(UploadsTest, RemovesWhatExpired) {
  const auto old = uploads_.adopt(body("old"), sales_, context_);
  clock_.advance(1h);
  const auto fresh = uploads_.adopt(body("fresh"), sales_, context_);
  auto reading = uploads_.open(upload_uri(*old), sales_, context_);
  auto file = (*reading)->open("", context_);
  EXPECT_EQ(uploads_.remove_older_than(clock_.now(), none_).value(), 1U);
  EXPECT_FALSE(uploads_.open(upload_uri(*old), sales_, context_));
  EXPECT_TRUE(uploads_.open(upload_uri(*fresh), sales_, context_));
  std::string bytes(3, '\0');
  EXPECT_TRUE((*file)->read(0, bytes, context_)) << "who has it open reads on";
}

TEST_F(UploadsTest, WhatAJobStillNeedsStays) {
  const auto needed = uploads_.adopt(body("needed"), sales_, context_);
  const auto other = uploads_.adopt(body("other"), sales_, context_);
  clock_.advance(1h);
  const auto is_needed = [&](const UploadId& id) -> Result<bool> { return id == *needed; };
  EXPECT_EQ(uploads_.remove_older_than(clock_.now(), is_needed).value(), 1U);
  EXPECT_TRUE(uploads_.open(upload_uri(*needed), sales_, context_));
  EXPECT_FALSE(uploads_.open(upload_uri(*other), sales_, context_));
  const auto unknown = [](const UploadId&) -> Result<bool> { return Error{ErrorCode::unavailable, "away"}; };
  EXPECT_FALSE(uploads_.remove_older_than(clock_.now(), unknown));
  EXPECT_TRUE(uploads_.open(upload_uri(*needed), sales_, context_)) << "in doubt it stays";
}

TEST_F(UploadsTest, RemovesBodiesThatACrashLeftWithoutANote) {
  fs::create_directories(temporary_.path() / "uploads");
  const fs::path left = temporary_.path() / "uploads" / (Uuid::random().to_string() + ".zip");
  std::ofstream(left) << "half";
  const timespec old[2] = {{1'000, 0}, {1'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, left.c_str(), old, 0), 0);
  EXPECT_EQ(uploads_.remove_older_than(clock_.now(), none_).value(), 0U);
  EXPECT_FALSE(fs::exists(left));
}

TEST_F(UploadsTest, HasNothingToRemoveBeforeTheFirst) {
  EXPECT_EQ(uploads_.remove_older_than(clock_.now(), none_).value(), 0U);
}

}  // namespace
}  // namespace waybill::source
