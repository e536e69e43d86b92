#include "http/upload.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "base/ids.h"

namespace waybill::http {

namespace {

constexpr std::string_view kPrefix = "incoming-";
constexpr std::string_view kSuffix = ".part";

bool is_ours(const std::string& name) {
  return name.starts_with(kPrefix) && name.ends_with(kSuffix);
}

}  // namespace

Upload::~Upload() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

Result<void> Upload::open() {
  constexpr mode_t kOwnerOnly = 0600;
  file_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (!file_) return errno_error("cannot make " + path_.string(), errno);
  return {};
}

Result<void> Upload::append(std::string_view bytes) {
  return write_all(file_.get(), bytes, path_.string());
}

std::filesystem::path Upload::new_path(const std::filesystem::path& folder) {
  return folder / (std::string(kPrefix) + Uuid::random().to_string() + std::string(kSuffix));
}

Result<void> Upload::prepare(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return errno_error("cannot make the folder " + folder.string(), error.value());
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (is_ours(entry->path().filename().string())) std::filesystem::remove(entry->path(), ignored);
  }
  if (error) return errno_error("cannot read the folder " + folder.string(), error.value());
  return {};
}

}  // namespace waybill::http
