#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>

#include "base/text.h"
#include "source/sftp/host_name.h"
#include "source/sftp/session.h"

namespace waybill::source {

namespace {

constexpr std::uint32_t kPiece = 32U * 1024;  // what every server takes (filexfer-02, 3)
constexpr std::size_t kInFlight = 64;         // requests
constexpr mode_t kFolderMode = 0755;
constexpr mode_t kFileMode = 0644;
// Of filexfer-02, 5; libssh names the types that it makes of them, not these.
constexpr std::uint32_t kHasSize = 0x1;
constexpr std::uint32_t kHasTimes = 0x8;

RemoteInfo info_of(const sftp_attributes_struct& attributes) {
  RemoteInfo info;
  switch (attributes.type) {
    case SSH_FILEXFER_TYPE_REGULAR:
      info.kind = RemoteInfo::Kind::file;
      break;
    case SSH_FILEXFER_TYPE_DIRECTORY:
      info.kind = RemoteInfo::Kind::folder;
      break;
    case SSH_FILEXFER_TYPE_SYMLINK:
      info.kind = RemoteInfo::Kind::link;
      break;
    default:
      break;
  }
  if ((attributes.flags & kHasSize) != 0) info.size = attributes.size;
  if ((attributes.flags & kHasTimes) != 0) info.modified = attributes.mtime;
  return info;
}

std::string reading(const std::string& path) {
  return "reading " + escape_controls(path);
}

}  // namespace

Result<RemoteInfo> Session::look(const std::string& path, bool follow, const Context& context) {
  const Watch::Guard watching = guard(context);
  const OwnedAttributes found(follow ? sftp_stat(sftp_.get(), path.c_str())
                                     : sftp_lstat(sftp_.get(), path.c_str()));
  if (!found) return failure("looking at " + escape_controls(path), watching);
  return info_of(*found);
}

Result<std::vector<RemoteEntry>> Session::list(const std::string& path, std::size_t most,
                                               const Context& context) {
  const Watch::Guard watching = guard(context);
  const std::string what = "listing " + escape_controls(path);
  const OwnedFolder folder(sftp_opendir(sftp_.get(), path.c_str()));
  if (!folder) return failure(what, watching);
  std::vector<RemoteEntry> entries;
  for (;;) {
    WB_CHECK_OK(context.check());
    const OwnedAttributes entry(sftp_readdir(sftp_.get(), folder.get()));
    if (!entry) break;
    std::string name(entry->name == nullptr ? "" : entry->name);
    if (entries.size() == most)
      return Error{ErrorCode::limit_exceeded, "There are more than " + std::to_string(most) +
                                                  " files and folders in " + escape_controls(path) + "."};
    entries.push_back({std::move(name), info_of(*entry)});
  }
  if (sftp_dir_eof(folder.get()) == 0 || watching.cut() != Watch::Cut::no) return failure(what, watching);
  return entries;
}

Result<RemoteInfo> Session::open(const std::string& path, const Context& context) {
  const Watch::Guard watching = guard(context);
  file_.reset();
  OwnedFile opened(sftp_open(sftp_.get(), path.c_str(), O_RDONLY, 0));
  if (!opened) return failure(reading(path), watching);
  const OwnedAttributes found(sftp_fstat(opened.get()));
  if (!found) return failure(reading(path), watching);
  file_ = std::move(opened);
  file_path_ = path;
  return info_of(*found);
}

Result<void> Session::read(std::uint64_t offset, std::span<char> into, std::size_t& done,
                           const Context& context) {
  const Watch::Guard watching = guard(context);
  struct Request {
    std::uint32_t id;
    std::uint32_t size;
  };
  std::deque<Request> asked;
  std::size_t ahead = done;  // up to here it is asked for
  // What is asked for and not taken would stay with libssh: after an error the session goes, but for a
  // cancel.
  const auto give_up = [&](Error error) {
    broken_ = true;
    return error;
  };
  const auto ask = [&](std::size_t at, std::uint32_t size) -> std::optional<std::uint32_t> {
    if (sftp_seek64(file_.get(), offset + at) != 0) return std::nullopt;
    const int id = sftp_async_read_begin(file_.get(), size);
    return id < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(id));
  };
  const std::string what = reading(file_path_);
  const auto leave = [&]() -> Error {
    std::array<char, kPiece> dropped;
    for (const Request& request : asked) {
      if (sftp_async_read(file_.get(), dropped.data(), request.size, request.id) < 0)
        return give_up(failure(what, watching));
    }
    return context.check().error();
  };
  while (done < into.size()) {
    if (context.cancelled()) return leave();
    while (asked.size() < kInFlight && ahead < into.size()) {
      const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(kPiece, into.size() - ahead));
      const auto id = ask(ahead, size);
      if (!id) return give_up(failure(what, watching));
      asked.push_back({*id, size});
      ahead += size;
    }
    const Request request = asked.front();
    asked.pop_front();
    const int got = sftp_async_read(file_.get(), into.data() + done, request.size, request.id);
    if (got < 0) return give_up(failure(what, watching));
    if (got == 0) {
      if (watching.cut() != Watch::Cut::no || ssh_is_connected(ssh_.get()) == 0)
        return give_up(failure(what, watching));
      return give_up({ErrorCode::corrupt, escape_controls(file_path_) + " on " + shown_host(address_) +
                                              " ends before byte " + std::to_string(offset + into.size()) +
                                              ": it became shorter."});
    }
    done += static_cast<std::size_t>(got);
    const auto short_by = request.size - static_cast<std::uint32_t>(got);
    if (short_by == 0) continue;
    const auto id = ask(done, short_by);
    if (!id) return give_up(failure(what, watching));
    asked.push_front({*id, short_by});
  }
  return {};
}

Result<void> Session::make_folder(const std::string& path, const Context& context) {
  const Watch::Guard watching = guard(context);
  if (sftp_mkdir(sftp_.get(), path.c_str(), kFolderMode) == 0) return {};
  return failure("making " + escape_controls(path), watching);
}

Result<void> Session::write(const std::string& path, const std::filesystem::path& from,
                            const Context& context) {
  const FileDescriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source) return errno_error("cannot open the log " + from.string(), errno);
  const Watch::Guard watching = guard(context);
  OwnedFile target(sftp_open(sftp_.get(), path.c_str(), O_WRONLY | O_CREAT | O_EXCL, kFileMode));
  if (!target) return write_failure(path, watching);
  std::array<char, kPiece> piece{};
  for (;;) {
    const ssize_t got = ::read(source.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("cannot read the log " + from.string(), errno);
    if (got == 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      const ssize_t put = sftp_write(target.get(), piece.data() + at, static_cast<std::size_t>(got) - at);
      if (put <= 0) return write_failure(path, watching);
      at += static_cast<std::size_t>(put);
    }
  }
  const bool can_sync = sftp_extension_supported(sftp_.get(), "fsync@openssh.com", "1") != 0;
  if (can_sync && sftp_fsync(target.get()) < 0) return write_failure(path, watching);
  if (sftp_close(target.release()) != SSH_NO_ERROR) return write_failure(path, watching);
  return {};
}

/// Version 3 of the protocol has no code for a full disk: the server says "failure", so it is asked for the
/// room that is left, where it can tell.
Error Session::write_failure(const std::string& path, const Watch::Guard& guard) {
  Error error = failure("writing " + escape_controls(path), guard);
  if (error.code != ErrorCode::io) return error;
  if (sftp_extension_supported(sftp_.get(), "statvfs@openssh.com", "2") == 0) return error;
  const std::size_t slash = path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  const OwnedVolume volume(sftp_statvfs(sftp_.get(), folder.c_str()));
  if (volume && volume->f_bavail * volume->f_frsize < kPiece)
    return {ErrorCode::no_space,
            "The disk of " + shown_host(address_) + " that holds " + escape_controls(folder) + " is full."};
  return error;
}

Result<void> Session::rename(const std::string& from, const std::string& to, const Context& context) {
  const Watch::Guard watching = guard(context);
  if (sftp_rename(sftp_.get(), from.c_str(), to.c_str()) == 0) return {};
  // Without posix-rename@openssh.com a server does not replace what is there.
  if (watching.cut() == Watch::Cut::no && ssh_is_connected(ssh_.get()) != 0 &&
      sftp_unlink(sftp_.get(), to.c_str()) == 0 && sftp_rename(sftp_.get(), from.c_str(), to.c_str()) == 0)
    return {};
  return failure("writing " + escape_controls(to), watching);
}

Result<void> Session::remove(const std::string& path, const Context& context) {
  const Watch::Guard watching = guard(context);
  if (sftp_unlink(sftp_.get(), path.c_str()) == 0) return {};
  return failure("removing " + escape_controls(path), watching);
}

}  // namespace waybill::source
