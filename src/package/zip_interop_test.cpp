#include <gtest/gtest.h>
#include <zip.h>

#include <map>
#include <string>

#include "package/file_tree.h"
#include "package/test_zip.h"
#include "package/zip_tree.h"

namespace waybill::package {
namespace {

/// A zip of these files as libzip writes it, every other one stored.
std::string written_by_libzip(const std::map<std::string, std::string>& files) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* bytes = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(bytes);
  zip_t* zip = zip_open_from_source(bytes, ZIP_TRUNCATE, &error);
  bool stored = false;
  for (const auto& [name, data] : files) {
    zip_source_t* source = zip_source_buffer(zip, data.data(), data.size(), 0);
    const zip_int64_t index = zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE,
                             0);
    stored = !stored;
  }
  EXPECT_EQ(zip_close(zip), 0);
  zip_source_open(bytes);
  zip_source_seek(bytes, 0, SEEK_END);
  std::string out(static_cast<std::size_t>(zip_source_tell(bytes)), '\0');
  zip_source_seek(bytes, 0, SEEK_SET);
  EXPECT_EQ(zip_source_read(bytes, out.data(), out.size()), static_cast<zip_int64_t>(out.size()));
  zip_source_close(bytes);
  zip_source_free(bytes);
  return out;
}

TEST(ZipInterop, GivesWhatLibzipWrote) {
  std::map<std::string, std::string> files;
  for (int i = 0; i < 200; ++i) {
    std::string data;
    for (int line = 0; line < i * 20; ++line) data += "línea " + std::to_string(line * i) + "\n";
    files["knowledgehub/articles/content/artículo " + std::to_string(i) + ".html"] = data;
  }
  auto opened =
      open_zip(std::make_unique<test::MemoryFile>(written_by_libzip(files)), "u", Limits{}, Context());
  ASSERT_TRUE(opened);
  ASSERT_TRUE(opened->files) << opened->findings.front().message;
  EXPECT_EQ(opened->files->count(), files.size());
  for (const auto& [name, data] : files) {
    const auto file = opened->files->find(name);
    ASSERT_TRUE(file) << name;
    std::string bytes;
    const auto done = opened->files->read(*file, 10'000'000, bytes, Context());
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(bytes, data) << name;
  }
}

}  // namespace
}  // namespace waybill::package
