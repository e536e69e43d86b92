#include "source/local_file.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace waybill::source {

namespace {

class LocalFile final : public RandomAccess {
 public:
  LocalFile(FileDescriptor fd, std::string name, const struct stat& info, std::string version)
      : fd_(std::move(fd)),
        name_(std::move(name)),
        size_(static_cast<std::uint64_t>(info.st_size)),
        version_(version.empty() ? version_of(info) : std::move(version)) {}

  std::uint64_t size() const override { return size_; }
  std::string version() const override { return version_; }

  Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) const override {
    WB_CHECK_OK(context.check());
    if (offset > size_ || into.size() > size_ - offset) return too_short(offset + into.size(), size_);
    std::size_t done = 0;
    while (done < into.size()) {
      const auto at = static_cast<off_t>(offset + done);
      const ssize_t got = ::pread(fd_.get(), into.data() + done, into.size() - done, at);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_error("cannot read " + name_, errno);
      if (got == 0) return too_short(size_, offset + done);
      done += static_cast<std::size_t>(got);
    }
    return {};
  }

 private:
  Error too_short(std::uint64_t wanted, std::uint64_t found) const {
    return {ErrorCode::corrupt, name_ + " ends at byte " + std::to_string(found) + " where " +
                                    std::to_string(wanted) +
                                    " were expected; it was cut while being read, or never complete"};
  }

  FileDescriptor fd_;
  std::string name_;
  std::uint64_t size_;
  std::string version_;
};

}  // namespace

std::string version_of(const struct stat& info) {
  return std::to_string(info.st_size) + "-" + std::to_string(info.st_mtim.tv_sec) + "." +
         std::to_string(info.st_mtim.tv_nsec) + "-" + std::to_string(info.st_ino);
}

Result<std::unique_ptr<RandomAccess>> make_local_file(FileDescriptor fd, std::string name,
                                                      std::string version) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_error("cannot read the size of " + name, errno);
  if (!S_ISREG(info.st_mode))
    return Error{ErrorCode::invalid_argument, name + " is not a regular file; put the file itself there"};
  return std::unique_ptr<RandomAccess>(
      new LocalFile(std::move(fd), std::move(name), info, std::move(version)));
}

}  // namespace waybill::source
