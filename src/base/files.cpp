#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>

#include "base/hash.h"
#include "base/text.h"

namespace waybill {

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("cannot open " + path.string(), errno);
  std::string bytes;
  constexpr std::size_t kChunk = 1 << 16;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kChunk);
    const ssize_t got = ::read(fd.get(), bytes.data() + before, kChunk);
    if (got < 0 && errno == EINTR) {
      bytes.resize(before);
      continue;
    }
    if (got < 0) return errno_error("cannot read " + path.string(), errno);
    bytes.resize(before + static_cast<std::size_t>(got));
    if (bytes.size() > max_bytes) {
      return Error{ErrorCode::limit_exceeded,
                   path.string() + " is larger than " + std::to_string(max_bytes) + " bytes"};
    }
    if (got == 0) return bytes;
  }
}

Result<void> write_all(int fd, std::string_view bytes, std::string_view name_for_errors) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error("cannot write " + std::string(name_for_errors), errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_error("cannot open the folder " + folder.string(), errno);
  if (::fsync(fd.get()) != 0) return errno_error("cannot sync the folder " + folder.string(), errno);
  return {};
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
  const auto temporary =
      path.parent_path() / (path.filename().string() + ".tmp-" + hex_encode(random_bytes(8)));
  const auto fail = [&](Error error) {
    ::unlink(temporary.c_str());
    return error;
  };
  FileDescriptor fd(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (!fd) return errno_error("cannot make " + temporary.string(), errno);
  if (auto written = write_all(fd.get(), bytes, temporary.string()); !written) return fail(written.error());
  if (::fsync(fd.get()) != 0) return fail(errno_error("cannot sync " + temporary.string(), errno));
  fd.reset();
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return fail(errno_error("cannot make " + path.string(), errno));
  return sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "waybill-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // what cannot be removed stays for the system's own cleaning
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace waybill
