#include "source/log_place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/files.h"
#include "base/hash.h"
#include "base/text.h"
#include "source/beneath.h"

namespace waybill::source {

namespace {

constexpr mode_t kFolderMode = 0755;
constexpr mode_t kFileMode = 0644;

Result<void> copy(int from, int to, const std::string& name, const Context& context) {
  std::array<char, 1U << 16U> piece{};
  for (;;) {
    WB_CHECK_OK(context.check());
    const ssize_t got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("cannot read the log for " + name, errno);
    if (got == 0) return {};
    WB_CHECK_OK(write_all(to, {piece.data(), static_cast<std::size_t>(got)}, name));
  }
}

/// The file's bytes, durable, with the mode that others may read.
Result<void> fill(int from, int to, const std::string& name, const Context& context) {
  WB_CHECK_OK(copy(from, to, name, context));
  // The process's umask may be stricter than the log is meant to be.
  if (::fchmod(to, kFileMode) != 0) return errno_error("cannot set the mode of " + name, errno);
  if (::fsync(to) != 0) return errno_error("cannot sync " + name, errno);
  return {};
}

}  // namespace

Result<void> check_log_name(std::string_view name) {
  if (!name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos) return {};
  return Error{ErrorCode::invalid_argument, "'" + std::string(name) + "' is not a name for a log"};
}

Result<void> put_file(const LogPlace& place, const std::string& name, const std::filesystem::path& from,
                      const Context& context) {
  WB_CHECK_OK(check_log_name(name));
  if (::mkdirat(place.parent, place.name.c_str(), kFolderMode) != 0 && errno != EEXIST)
    return errno_error("cannot make " + place.shown, errno);
  WB_TRY(const auto folder, open_beneath(place.parent, place.name, O_RDONLY | O_DIRECTORY, place.shown));
  const FileDescriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source) return errno_error("cannot open the log " + from.string(), errno);

  const std::string shown = place.shown + "/" + name;
  const std::string temporary = "." + name + ".tmp-" + hex_encode(random_bytes(8));
  FileDescriptor target(
      ::openat(folder.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (!target) return errno_error("cannot make " + shown, errno);
  auto filled = fill(source.get(), target.get(), shown, context);
  if (filled && ::renameat(folder.get(), temporary.c_str(), folder.get(), name.c_str()) != 0)
    filled = errno_error("cannot make " + shown, errno);
  if (!filled) {
    ::unlinkat(folder.get(), temporary.c_str(), 0);
    return filled;
  }
  if (::fsync(folder.get()) != 0) return errno_error("cannot sync " + place.shown, errno);
  return {};
}

Result<void> remove_file(const LogPlace& place, const std::string& name) {
  WB_CHECK_OK(check_log_name(name));
  WB_TRY(const auto folder, open_beneath(place.parent, place.name, O_RDONLY | O_DIRECTORY, place.shown));
  if (::unlinkat(folder.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return errno_error("cannot remove " + place.shown + "/" + name, errno);
  }
  return {};
}

}  // namespace waybill::source
