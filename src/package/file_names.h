#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "package/file_tree.h"

namespace waybill::package {

/// The paths of a package's files, in one block of text: eight bytes a file beside the text itself. First
/// add() all, then seal(); from then on any thread may read.
class FileNames {
 public:
  static constexpr std::uint64_t kMaxTextBytes = 256 << 20;  // all paths together

  /// The index of the path: 0, 1, 2, … Only where has_room_for() it.
  FileIndex add(std::string_view path);
  bool has_room_for(std::string_view path) const { return text_.size() + path.size() <= kMaxTextBytes; }

  /// Sorts for find().
  void seal();
  /// Takes one top folder off, if every path begins with it and the package is not at the root already.
  void take_off_top_folder();

  std::size_t count() const { return ends_.size(); }
  std::string_view path(FileIndex file) const { return full_path(file).substr(top_); }
  /// With the top folder.
  std::string_view full_path(FileIndex file) const;
  std::optional<FileIndex> find(std::string_view path) const;
  /// Whether any file lies below the folder ("knowledgehub").
  bool has_folder(std::string_view folder) const;
  /// Whether a package's files (contract, section 3) stand at the root: manifest.json or knowledgehub/.
  bool is_package() const;

  /// Files in the order of their paths, as bytes.
  const std::vector<FileIndex>& sorted() const { return sorted_; }
  /// Pairs of files that cannot both be there: of the same path, or one the other's folder.
  struct Clash {
    FileIndex file;
    FileIndex other;
  };
  std::vector<Clash> clashes() const;

 private:
  /// The position in sorted_ of the first path that is not less.
  std::size_t lower_bound(std::string_view path) const;

  std::string text_;
  std::vector<std::uint32_t> ends_;
  std::vector<FileIndex> sorted_;
  std::size_t top_ = 0;  // bytes of "top/"
};

}  // namespace waybill::package
