#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/files.h"
#include "base/result.h"
#include "source/sftp/handles.h"
#include "source/sftp/listing.h"
#include "source/sftp/sftp.h"
#include "source/sftp/watch.h"

namespace waybill::source {

/// One connection with a server, logged in. One thread at a time. Every call blocks until the server answers,
/// and ends early as Watch says. Errors of all: not_found, permission_denied, unavailable (the connection
/// broke), timeout, cancelled, io, invalid_argument (the server cannot do it).
class Session {
 public:
  /// Connects, checks the host's key, logs in. `key` may be null. The references outlive the session, but
  /// not `context`. `grace`: for so long after a cancel it may still come about. Errors: permission_denied
  /// (address, host key, log in), unavailable, timeout, cancelled.
  static Result<std::unique_ptr<Session>> connect(const SftpAddress& address,
                                                  const SftpCredentials& credentials, ssh_key key,
                                                  const SftpOptions& options, Watch& watch,
                                                  const Context& context, Milliseconds grace);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// No further call makes sense.
  bool broken() const { return broken_; }

  /// `follow`: what a link leads to.
  Result<RemoteInfo> look(const std::string& path, bool follow, const Context& context);
  /// A folder's entries as they come, at most `most` (limit_exceeded), links not followed.
  Result<std::vector<RemoteEntry>> list(const std::string& path, std::size_t most, const Context& context);

  /// Opens for reading; the session keeps one file open, so that the next call with it costs nothing.
  /// Returns what it was when it was opened.
  Result<RemoteInfo> open(const std::string& path, const Context& context);
  bool has_open(const std::string& path) const { return file_ && file_path_ == path; }
  /// Of the open file, many requests in flight. `done` is how much of `into` is filled from its beginning,
  /// also on failure. Errors also: corrupt (the file ends before).
  Result<void> read(std::uint64_t offset, std::span<char> into, std::size_t& done, const Context& context);

  Result<void> make_folder(const std::string& path, const Context& context);
  /// Makes the file, which must not be there, from a local one; durable where the server can. On failure it
  /// may be there in part.
  Result<void> write(const std::string& path, const std::filesystem::path& from, const Context& context);
  /// Replaces `to`.
  Result<void> rename(const std::string& from, const std::string& to, const Context& context);
  Result<void> remove(const std::string& path, const Context& context);

 private:
  /// What was asked for when the work is cancelled is taken within so long, 2 MiB at most, and the session
  /// can be used again: for the job's log, say, which another log in would hold up for longer.
  static constexpr Milliseconds kLeave{40};

  Session(const SftpAddress& address, const SftpOptions& options, Watch& watch)
      : address_(address), options_(options), watch_(watch) {}

  Result<void> start(const SftpCredentials& credentials, ssh_key key, const Context& context,
                     Milliseconds grace);
  Result<void> handshake(FileDescriptor socket);
  Result<void> check_host();
  Result<void> start_sftp();
  Watch::Guard guard(const Context& context, Milliseconds grace = kLeave) const;
  Error failure(const std::string& what, const Watch::Guard& guard);
  Error write_failure(const std::string& path, const Watch::Guard& guard);
  Error broke(const std::string& what);

  const SftpAddress& address_;
  const SftpOptions& options_;
  Watch& watch_;
  FileDescriptor socket_;  // a second descriptor of libssh's socket: to shut it down from another thread
  OwnedSsh ssh_;
  OwnedSftp sftp_;
  OwnedFile file_;
  std::string file_path_;
  bool broken_ = false;
};

}  // namespace waybill::source
