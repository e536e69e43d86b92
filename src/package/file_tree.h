#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/hash.h"
#include "base/result.h"
#include "report/finding.h"
#include "source/source.h"

namespace waybill::package {

/// Bounds against hostile packages. One table for zip and folder.
struct Limits {
  std::uint64_t entries = 1'000'000;
  std::uint64_t total_bytes = 64ULL << 30;  // unpacked, all entries together
  std::uint64_t ratio = 1'100;              // unpacked : packed of one entry; deflate itself ends at 1032 : 1
  std::uint64_t path_bytes = 1'024;
  std::uint64_t json_file_bytes = 4ULL << 30;     // articles.json, read as a stream
  std::uint64_t hub_file_bytes = 256ULL << 20;    // manifest.json and knowledgehub.json, read whole
  std::uint64_t article_json_bytes = 4ULL << 20;  // one article's object
  int json_depth = 64;
};

using FileIndex = std::uint32_t;

/// A file as it lies in its package, not unpacked yet.
struct PackedFile {
  std::string bytes;
  std::size_t begin = 0;  // of the file's own bytes in `bytes`
  /// Of the packed bytes and all that unpacking goes by: where it is equal, unpack() has the same outcome.
  Sha256 digest{};
};

/// Bytes that come in pieces.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Appends up to about 256 KiB to `into`; returns false at the end. Errors: corrupt, unavailable, io,
  /// cancelled.
  virtual Result<bool> next(std::string& into) = 0;
};

/// The files of a package, zip or folder alike: checked names, sizes known beforehand, bytes on demand. Paths
/// are relative to the package's top (a single top folder is already taken off), with '/', UTF-8, no "." or
/// "..". Any thread, side by side, after it has been opened.
class FileTree {
 public:
  virtual ~FileTree() = default;
  virtual std::size_t count() const = 0;
  virtual std::string_view path(FileIndex file) const = 0;
  virtual std::uint64_t size(FileIndex file) const = 0;
  virtual std::optional<FileIndex> find(std::string_view path) const = 0;
  /// The whole file in place of what `into` held; its size must be at most `max_bytes`.
  /// Errors: limit_exceeded, corrupt (checksum or length), unavailable, io, cancelled.
  virtual Result<void> read(FileIndex file, std::uint64_t max_bytes, std::string& into,
                            const Context& context) const = 0;
  /// read() in two steps, for who may not need the second: the file as it lies in the package, then its
  /// bytes. Where files lie as they are, that is all in the first. Errors: as read(), of unpack() corrupt
  /// alone.
  virtual Result<void> read_packed(FileIndex file, std::uint64_t max_bytes, PackedFile& into,
                                   const Context& context) const;
  virtual Result<void> unpack(FileIndex file, const PackedFile& packed, std::string& into) const;
  /// The part of `packed` that is the file as raw DEFLATE (RFC 1951); nothing where it does not lie so. Sound
  /// where unpack() was.
  virtual std::optional<std::string_view> deflated(FileIndex file, const PackedFile& packed) const;
  virtual Result<std::unique_ptr<ByteStream>> stream(FileIndex file, const Context& context) const = 0;
  /// Changes when any byte of the package does, as far as the source can tell.
  virtual std::string version() const = 0;
};

/// A package that was opened, or why not. The findings name everything that makes it unacceptable, all at
/// once.
struct Opened {
  std::unique_ptr<FileTree> files;        // null where the package is refused
  std::vector<report::Finding> findings;  // severity error where refused
  std::string description;                // "zip of 12 MB with 4,431 files at file:///…", for the log
};

/// Finds and opens the package at a source (contract, section 3: the zip, the folder, or the one zip in the
/// folder). What is wrong with the package is a finding; what is wrong with the way to it is an Error
/// (not_found, permission_denied, unavailable, timeout, cancelled, io).
Result<Opened> open_package(source::Source& source, const Limits& limits, const Context& context);

}  // namespace waybill::package
