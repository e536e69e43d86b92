#include "package/folder_tree.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "package/describe.h"
#include "package/entry_path.h"
#include "package/file_names.h"
#include "package/read_pieces.h"
#include "package/refusals.h"

namespace waybill::package {

namespace {

using report::Rule;

constexpr std::size_t kPiece = 256 * 1024;

struct FolderFile {
  std::uint64_t size = 0;
  std::string version;
};

class FolderStream final : public ByteStream {
 public:
  FolderStream(std::unique_ptr<source::RandomAccess> file, const Context& context)
      : file_(std::move(file)), context_(context) {}

  Result<bool> next(std::string& into) override {
    const std::uint64_t left = file_->size() - at_;
    if (left == 0) return false;
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece));
    const std::size_t before = into.size();
    into.resize(before + length);
    WB_CHECK_OK(file_->read(at_, std::span(into).subspan(before), context_));
    at_ += length;
    return true;
  }

 private:
  std::unique_ptr<source::RandomAccess> file_;
  const Context context_;
  std::uint64_t at_ = 0;
};

class FolderTree final : public FileTree {
 public:
  FolderTree(source::Source& source, FileNames names, std::vector<FolderFile> files, std::string version)
      : source_(&source), names_(std::move(names)), files_(std::move(files)), version_(std::move(version)) {}

  std::size_t count() const override { return files_.size(); }
  std::string_view path(FileIndex file) const override { return names_.path(file); }
  std::uint64_t size(FileIndex file) const override { return files_[file].size; }
  std::optional<FileIndex> find(std::string_view path) const override { return names_.find(path); }
  std::string version() const override { return version_; }

  Result<void> read(FileIndex file, std::uint64_t max_bytes, std::string& into,
                    const Context& context) const override {
    WB_CHECK_OK(check_size(path(file), size(file), max_bytes));
    WB_TRY(const auto opened, open(file, context));
    return read_pieces(*opened, 0, static_cast<std::size_t>(opened->size()), into, context);
  }

  Result<std::unique_ptr<ByteStream>> stream(FileIndex file, const Context& context) const override {
    WB_TRY(auto opened, open(file, context));
    return std::unique_ptr<ByteStream>(std::make_unique<FolderStream>(std::move(opened), context));
  }

 private:
  /// The file, if it still is what was listed. A folder that goes or changes under its job stops the whole
  /// job, to be tried again: what else is in it can no longer be trusted either, so no single item is blamed.
  Result<std::unique_ptr<source::RandomAccess>> open(FileIndex file, const Context& context) const {
    auto opened = source_->open(std::string(names_.full_path(file)), context);
    if (!opened && opened.error().code != ErrorCode::not_found) return opened;
    if (!opened || (*opened)->version() != files_[file].version) {
      return Error{ErrorCode::unavailable, std::string(path(file)) + (opened ? " changed" : " was removed") +
                                               " while the package was being read"};
    }
    return opened;
  }

  source::Source* source_;
  FileNames names_;
  std::vector<FolderFile> files_;
  std::string version_;
};

/// Files that are the package's, checked.
struct Checked {
  FileNames names;
  std::vector<FolderFile> files;
  std::uint64_t total = 0;
  std::string version;
};

bool check_path(const std::string& path, const Limits& limits, Refusals& refusals) {
  if (const auto at = first_invalid_utf8(path)) {
    refusals.add(Rule::entry_name_encoding, path,
                 "The file's name is not UTF-8 at byte " + std::to_string(*at + 1) + ".");
    return false;
  }
  if (const auto why = unsafe_path(path, limits.path_bytes)) {
    refusals.add(Rule::entry_path_unsafe, path, "The file's path " + *why + ".");
    return false;
  }
  return true;
}

Checked check(std::vector<source::FileInfo> listed, const Limits& limits, Refusals& refusals) {
  Checked checked;
  Sha256Stream version;
  for (source::FileInfo& file : listed) {
    if (is_system_litter(file.path) || !check_path(file.path, limits, refusals)) continue;
    // Each part is ended by a NUL, which no path has, so that no two lists give the same bytes.
    for (const std::string& part : {file.path, std::to_string(file.size), file.version})
      version.update(std::string_view(part.c_str(), part.size() + 1));
    if (!checked.names.has_room_for(file.path)) {
      refusals.add(Rule::package_entry_limit, "",
                   "The paths of the folder's files have more than " +
                       std::to_string(FileNames::kMaxTextBytes) + " bytes together.");
      break;
    }
    checked.names.add(file.path);
    checked.total += std::min(file.size, std::numeric_limits<std::uint64_t>::max() - checked.total);
    checked.files.push_back({file.size, std::move(file.version)});
  }
  checked.version = to_hex(version.finish());
  if (checked.files.size() > limits.entries) {
    refusals.add(Rule::package_entry_limit, "",
                 "The folder has " + describe_count(checked.files.size(), "file") + " where " +
                     std::to_string(limits.entries) + " are allowed.");
  }
  if (checked.total > limits.total_bytes) {
    refusals.add(Rule::package_size_limit, "",
                 "The folder's files have " + std::to_string(checked.total) + " bytes where " +
                     std::to_string(limits.total_bytes) + " are allowed.");
  }
  return checked;
}

}  // namespace

Opened open_folder(source::Source& source, std::vector<source::FileInfo> listed, const Limits& limits) {
  Refusals refusals;
  Opened opened;
  std::sort(listed.begin(), listed.end(),
            [](const source::FileInfo& a, const source::FileInfo& b) { return a.path < b.path; });
  Checked checked = check(std::move(listed), limits, refusals);
  opened.description = "folder of " + describe_bytes(checked.total) + " with " +
                       describe_count(checked.files.size(), "file") + " at " + source.uri();
  if (!refusals.empty()) {
    opened.findings = refusals.take();
    return opened;
  }
  checked.names.seal();
  checked.names.take_off_top_folder();
  opened.files = std::make_unique<FolderTree>(source, std::move(checked.names), std::move(checked.files),
                                              std::move(checked.version));
  return opened;
}

bool is_package_folder(const std::vector<source::FileInfo>& listed) {
  FileNames names;
  for (const source::FileInfo& file : listed) {
    if (!is_system_litter(file.path) && names.has_room_for(file.path)) names.add(file.path);
  }
  names.seal();
  names.take_off_top_folder();
  return names.is_package();
}

}  // namespace waybill::package
