#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/time.h"

namespace waybill::source {

/// A file at a source.
struct FileInfo {
  std::string path;  // relative to the source's root with '/'; empty where the root itself is the file
  std::uint64_t size = 0;
  std::string
      version;  // changes when the bytes do (ETag, or size + modification time + inode); for comparing only
};

/// Random access to one file's bytes, as far as a zip needs it. Any thread, also side by side.
class RandomAccess {
 public:
  virtual ~RandomAccess() = default;
  virtual std::uint64_t size() const = 0;
  virtual std::string version() const = 0;
  /// Fills `into` from `offset` to its end. Errors: corrupt (the file is shorter), unavailable, timeout, io,
  /// cancelled.
  virtual Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) const = 0;
};

/// Where a package's bytes come from: share, upload, S3, SFTP; the same few calls for all. Any thread.
class Source {
 public:
  virtual ~Source() = default;

  /// The URI as people know it, without credentials.
  virtual std::string uri() const = 0;
  /// True where each read costs a round trip to another machine: then as little as possible is read
  /// beforehand.
  virtual bool is_far() const { return false; }
  /// How many reads of different files at once are still faster than fewer: where each waits for another
  /// machine, several.
  virtual int reads_at_once() const { return 1; }
  /// Every file below the root, by path; the root itself where it is a file. Links and special files are
  /// errors (invalid_argument) and name the path. Errors: not_found, permission_denied, unavailable, timeout,
  /// limit_exceeded.
  virtual Result<std::vector<FileInfo>> list(const Context& context) = 0;
  /// Opens one of list()'s paths. Errors: as list().
  virtual Result<std::unique_ptr<RandomAccess>> open(const std::string& path, const Context& context) = 0;
  /// Where put_log would put a file of this name: the URI for `logFileLocation`; empty where this source
  /// takes none.
  virtual std::string log_location(std::string_view name) const = 0;
  /// Puts a finished log in its place, replacing one of the same name. Returns its URI. Errors:
  /// permission_denied, no_space, unavailable, timeout, io.
  virtual Result<std::string> put_log(std::string_view name, const std::filesystem::path& file,
                                      const Context& context) = 0;
  /// Takes such a file away again; one that is not there is fine. Errors: as put_log().
  virtual Result<void> remove_log(std::string_view name, const Context& context) = 0;

  /// Whom the last call spoke with and how that one proved who it is, for people; empty where it is this
  /// machine.
  virtual std::string peer() const { return {}; }
  /// How far the other machine's clock was ahead of this one's at the last call; nullopt where it does not
  /// tell.
  virtual std::optional<Milliseconds> clock_ahead() const { return std::nullopt; }

  /// Another run of the same job will follow: what was fetched for this one may stay for it. Without this
  /// call nothing stays.
  virtual void keep() {}
};

}  // namespace waybill::source
