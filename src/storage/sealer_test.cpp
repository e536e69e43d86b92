#include "storage/sealer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.h"

namespace waybill::storage {
namespace {

TEST(Sealer, OpensWhatItSealedAndShowsNothingOfIt) {
  const Sealer sealer(Secret(std::string(Sealer::kKeyBytes, 'k')));
  const std::string sealed = sealer.seal("s3cr3t", "job 1");
  EXPECT_EQ(sealed.find("s3cr3t"), std::string::npos);
  const auto opened = sealer.open(sealed, "job 1");
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->reveal(), "s3cr3t");
  EXPECT_NE(sealer.seal("s3cr3t", "job 1"), sealed) << "the same nonce twice";
  EXPECT_EQ(sealer.open(sealer.seal("", "x"), "x")->reveal(), "");
}

TEST(Sealer, RefusesAnotherKeyAnotherPurposeAndChangedBytes) {
  const Sealer sealer(Secret(std::string(Sealer::kKeyBytes, 'k')));
  const Sealer other(Secret(std::string(Sealer::kKeyBytes, 'o')));
  const std::string sealed = sealer.seal("s3cr3t", "job 1");
  EXPECT_EQ(other.open(sealed, "job 1").error().code, ErrorCode::corrupt);
  EXPECT_EQ(sealer.open(sealed, "job 2").error().code, ErrorCode::corrupt);
  EXPECT_EQ(sealer.open("", "job 1").error().code, ErrorCode::corrupt);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(sealer.open(changed, "job 1").error().code, ErrorCode::corrupt) << "byte " << i;
    EXPECT_EQ(sealer.open(sealed.substr(0, i), "job 1").error().code, ErrorCode::corrupt) << "cut to " << i;
  }
}

TEST(Sealer, KeepsItsKeyInAFileOfItsOwner) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "master.key";
  EXPECT_EQ(Sealer::load(file).error().code, ErrorCode::not_found);
  const auto made = Sealer::create(file);
  ASSERT_TRUE(made.ok());
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(status.st_size, 32);
  EXPECT_EQ(Sealer::load(file)->open(made->seal("x", "c"), "c")->reveal(), "x");
  EXPECT_EQ(Sealer::create(file).error().code, ErrorCode::already_exists);
}

TEST(Sealer, RefusesAKeyFileOfAnotherLength) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "k", "too short").ok());
  EXPECT_EQ(Sealer::load(folder.path() / "k").error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace waybill::storage
