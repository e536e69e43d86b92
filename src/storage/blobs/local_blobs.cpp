#include "storage/blobs/local_blobs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/files.h"
#include "base/text.h"

namespace waybill::storage {

namespace {

constexpr std::uint64_t kMaxBlobBytes = 1U << 30;  // far above the contract's 25 MiB
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr std::chrono::hours kUnfinishedFor{1};  // a file takes milliseconds
constexpr const char* kIncoming = "incoming";    // temporary files, of the same file system as their place

Result<void> make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST)
    return errno_error("cannot make the folder " + folder.string(), errno);
  return {};
}

/// Whether the file is there and holds exactly `bytes`.
bool holds(const std::filesystem::path& path, std::string_view bytes) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0 || static_cast<std::uint64_t>(info.st_size) != bytes.size())
    return false;
  std::array<char, 1U << 16U> piece{};
  while (!bytes.empty()) {
    const ssize_t got = ::read(fd.get(), piece.data(), std::min(piece.size(), bytes.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    const auto length = static_cast<std::size_t>(got);
    if (std::memcmp(piece.data(), bytes.data(), length) != 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace

LocalBlobStore::LocalBlobStore(std::filesystem::path folder) : folder_(std::move(folder)) {
  // What a crash left unfinished, and not what another process is writing just now. put() reports what is
  // wrong with the folder.
  std::error_code failed;
  const auto old = std::filesystem::file_time_type::clock::now() - kUnfinishedFor;
  for (std::filesystem::directory_iterator at(folder_ / kIncoming, failed), end; !failed && at != end;
       at.increment(failed)) {
    std::error_code ignored;
    if (at->last_write_time(ignored) < old) std::filesystem::remove(at->path(), ignored);
  }
}

std::filesystem::path LocalBlobStore::path_of(const Sha256& hash) const {
  const std::string name = to_hex(hash);
  return folder_ / name.substr(0, 2) / name;
}

Result<void> LocalBlobStore::put(const Sha256& hash, std::string_view bytes, const Context& /*context*/) {
  if (durable_.contains(hash)) return {};
  const auto path = path_of(hash);
  if (!holds(path, bytes)) WB_CHECK_OK(write(path, bytes));
  const std::scoped_lock lock(mutex_);
  unsynced_.push_back(hash);
  return {};
}

Result<void> LocalBlobStore::write(const std::filesystem::path& path, std::string_view bytes) {
  const auto temporary = folder_ / kIncoming / hex_encode(random_bytes(16));
  const auto create = [&] {
    return FileDescriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  };
  FileDescriptor fd = create();
  if (!fd && errno == ENOENT) {
    WB_CHECK_OK(make_folder(folder_));
    WB_CHECK_OK(make_folder(folder_ / kIncoming));
    fd = create();
  }
  if (!fd) return errno_error("cannot make a file in " + folder_.string(), errno);
  auto written = write_all(fd.get(), bytes, path.string());
  const auto place = [&]() -> Result<void> {
    if (::rename(temporary.c_str(), path.c_str()) == 0) return {};
    return errno_error("cannot make " + path.string(), errno);
  };
  if (written) written = place();
  // Its folder is made when the first blob needs it. Whatever else went wrong is told as it is.
  if (!written && written.error().code == ErrorCode::not_found) {
    written = make_folder(path.parent_path());
    if (written) written = place();
  }
  if (!written) ::unlink(temporary.c_str());
  return written;
}

Result<void> LocalBlobStore::sync() {
  const std::scoped_lock one_at_a_time(syncing_);
  std::vector<Sha256> taken;
  {
    const std::scoped_lock lock(mutex_);
    taken.swap(unsynced_);
  }
  if (taken.empty()) return {};
  const FileDescriptor fd(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool synced = fd && ::syncfs(fd.get()) == 0;
  const int error_number = errno;
  const std::scoped_lock lock(mutex_);
  if (!synced) {
    unsynced_.insert(unsynced_.end(), taken.begin(), taken.end());
    return errno_error("cannot sync " + folder_.string(), error_number);
  }
  for (const Sha256& hash : taken) durable_.add(hash);
  return {};
}

Result<std::string> LocalBlobStore::get(const Sha256& hash) {
  auto bytes = read_file(path_of(hash), kMaxBlobBytes);
  if (!bytes) {
    if (bytes.error().code != ErrorCode::not_found) return bytes;
    return Error{ErrorCode::not_found, "there is no blob " + to_hex(hash)};
  }
  if (sha256(*bytes) != hash) {
    return Error{ErrorCode::corrupt, "the bytes of blob " + to_hex(hash) +
                                         " do not fit its hash; import its package again to mend it"};
  }
  return bytes;
}

}  // namespace waybill::storage
