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
        opened_(version_of(info)),
        version_(version.empty() ? opened_ : std::move(version)) {}

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
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    // After the bytes: what was written to the file before they were read shows now.
    WB_CHECK_OK(check_unchanged());
    if (done < into.size()) return too_short(size_, offset + done);
    return {};
  }

 private:
  /// Bytes of two versions are no package (docs/decisions/0004): the whole job stops, and no item is blamed.
  Result<void> check_unchanged() const {
    struct stat info {};
    if (::fstat(fd_.get(), &info) != 0) return errno_error("cannot look at " + name_, errno);
    if (version_of(info) == opened_) return {};
    return Error{ErrorCode::unavailable, name_ + " changed while the package was being read"};
  }

  Error too_short(std::uint64_t wanted, std::uint64_t found) const {
    return {ErrorCode::corrupt, name_ + " ends at byte " + std::to_string(found) + " where " +
                                    std::to_string(wanted) +
                                    " were expected; it was cut while being read, or never complete"};
  }

  FileDescriptor fd_;
  std::string name_;
  std::uint64_t size_;
  std::string opened_;   // version_of() at that moment
  std::string version_;  // as the source tells it
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
