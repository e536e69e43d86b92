#include "source/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace waybill::source {

namespace {

Error link_error(const std::string& name) {
  return {ErrorCode::invalid_argument,
          name + " is a link, or lies behind one; links are not followed: put the file itself there"};
}

Error open_error(const std::string& name, int error_number) {
  if (error_number == ELOOP || error_number == EXDEV) return link_error(name);
  return errno_error("cannot open " + name, error_number);
}

Result<void> check_relative(std::string_view relative, const std::string& name) {
  if (relative.empty()) return {};
  for (const std::string_view part : split(relative, '/')) {
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) {
      return Error{ErrorCode::invalid_argument, name + " is not a plain path below the source"};
    }
  }
  return {};
}

bool is_link(int folder, const std::string& part) {
  struct stat info {};
  return ::fstatat(folder, part.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
}

/// O_PATH with O_NOFOLLOW opens a link itself where it would fail otherwise.
Result<FileDescriptor> refuse_link(FileDescriptor fd, int flags, const std::string& name) {
  struct stat info {};
  if ((flags & O_PATH) != 0 && ::fstat(fd.get(), &info) == 0 && S_ISLNK(info.st_mode))
    return link_error(name);
  return fd;
}

}  // namespace

Result<FileDescriptor> open_beneath_by_names(int folder, const std::string& relative, int flags,
                                             const std::string& name) {
  WB_CHECK_OK(check_relative(relative, name));
  FileDescriptor current;
  std::string_view rest = relative.empty() ? "." : std::string_view(relative);
  for (;;) {
    const std::size_t slash = rest.find('/');
    const bool last = slash == std::string_view::npos;
    const std::string part(rest.substr(0, slash));
    const int parent = current ? current.get() : folder;
    const int how = last ? flags : O_PATH | O_DIRECTORY;
    FileDescriptor next(::openat(parent, part.c_str(), how | O_CLOEXEC | O_NOFOLLOW));
    if (!next) {
      const int error_number = errno;
      // A link where a folder is wanted is ENOTDIR, which would read as "not found".
      return is_link(parent, part) ? link_error(name) : open_error(name, error_number);
    }
    if (last) return refuse_link(std::move(next), flags, name);
    current = std::move(next);
    rest.remove_prefix(slash + 1);
  }
}

Result<FileDescriptor> open_beneath(int folder, const std::string& relative, int flags,
                                    const std::string& name) {
  static std::atomic<bool> has_openat2{true};
  if (!has_openat2.load(std::memory_order_relaxed))
    return open_beneath_by_names(folder, relative, flags, name);
  WB_CHECK_OK(check_relative(relative, name));
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const char* path = relative.empty() ? "." : relative.c_str();
  FileDescriptor fd(static_cast<int>(::syscall(SYS_openat2, folder, path, &how, sizeof(how))));
  if (fd) return refuse_link(std::move(fd), flags, name);
  const int error_number = errno;
  // EPERM is what a container's filter answers for a call it does not know.
  if (error_number == ENOSYS || error_number == EPERM) {
    if (error_number == ENOSYS) has_openat2.store(false, std::memory_order_relaxed);
    return open_beneath_by_names(folder, relative, flags, name);
  }
  return open_error(name, error_number);
}

}  // namespace waybill::source
