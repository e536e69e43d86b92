#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace waybill::cli {

/// Appends the next piece of an entry's bytes; false at the end, with nothing appended.
using Pieces = std::function<Result<bool>(std::string& into)>;
/// Begins an entry's bytes; called when its turn to be written has come.
using Opener = std::function<Result<Pieces>()>;

/// The bytes of a file, and of a text made when they are asked for.
Opener file_opener(std::filesystem::path file);
Opener text_opener(std::function<Result<std::string>()> text);

/// Writes a zip, entry after entry, with no entry whole in memory unless its opener does so. The same entries
/// give the same bytes: every entry has `date` and mode 0644. The file appears complete or not at all.
/// One thread.
class ZipWriter {
 public:
  static Result<ZipWriter> create(const std::filesystem::path& file, Time date);
  ~ZipWriter();
  ZipWriter(ZipWriter&&) noexcept;
  ZipWriter& operator=(ZipWriter&&) = delete;

  /// `path` in UTF-8 with '/'; `size` in bytes as far as known (it chooses zip64). Errors: already_exists,
  /// invalid_argument.
  Result<void> add(const std::string& path, std::uint64_t size, Opener open);

  /// Writes everything. `progress` gets how many entries are begun; false stops (ErrorCode::cancelled).
  /// Errors: an opener's; no_space, io.
  Result<void> finish(const std::function<bool(std::size_t entries)>& progress);

 private:
  struct State;
  explicit ZipWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace waybill::cli
