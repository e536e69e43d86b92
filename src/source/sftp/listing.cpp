#include "source/sftp/listing.h"

#include <algorithm>

#include "base/text.h"

namespace waybill::source {

namespace {

constexpr std::size_t kMaxListed = 1'000'000;      // files and folders: bounds the memory of a listing
constexpr std::size_t kMaxPath = 4'096;            // bytes: a server that lists folders without end ends here
constexpr std::size_t kMaxPathBytes = 256U << 20;  // of all paths together
constexpr std::size_t kMaxLinksNamed = 10;         // in one message
constexpr std::string_view kLogFolder = "logs";    // contract, section 4

/// One walk through a folder of a server.
class Listing {
 public:
  Listing(const FolderLister& lister, const std::string& root, const Context& context)
      : lister_(lister), root_(root), context_(context) {}

  Result<std::vector<FileInfo>> run() {
    folders_.emplace_back();
    while (!folders_.empty()) {
      WB_CHECK_OK(context_.check());
      const std::string folder = std::move(folders_.back());
      folders_.pop_back();
      const std::string path = folder.empty() ? root_ : below(root_, folder);
      WB_TRY(const auto entries, lister_(path, kMaxListed - seen_));
      seen_ += entries.size();
      for (const RemoteEntry& entry : entries) {
        if (entry.name == "." || entry.name == "..") continue;
        if (!is_entry_name(entry.name)) {
          return Error{ErrorCode::corrupt, "The server lists a file of the name '" +
                                               escape_controls(entry.name) + "' in " + escape_controls(path) +
                                               "."};
        }
        WB_CHECK_OK(add(folder, entry));
      }
    }
    if (links_seen_ > 0) return links_error();
    std::sort(files_.begin(), files_.end(),
              [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
    return std::move(files_);
  }

 private:
  Result<void> add(const std::string& folder, const RemoteEntry& entry) {
    std::string path = below(folder, entry.name);
    if (path.size() > kMaxPath)
      return Error{ErrorCode::limit_exceeded,
                   "A path below " + root_ + " has more than " + std::to_string(kMaxPath) + " bytes."};
    path_bytes_ += path.size();
    if (path_bytes_ > kMaxPathBytes)
      return Error{ErrorCode::limit_exceeded, "The paths below " + root_ + " have more than " +
                                                  std::to_string(kMaxPathBytes >> 20) + " MiB together."};
    if (entry.info.kind == RemoteInfo::Kind::folder) {
      if (!folder.empty() || entry.name != kLogFolder) folders_.push_back(std::move(path));
    } else if (entry.info.kind == RemoteInfo::Kind::file) {
      files_.push_back({std::move(path), entry.info.size, entry.info.version()});
    } else if (++links_seen_ <= kMaxLinksNamed) {
      links_ += (links_.empty() ? "" : ", ") + escape_controls(path);
    }
    return {};
  }

  Error links_error() const {
    const std::string more =
        links_seen_ > kMaxLinksNamed ? " and " + std::to_string(links_seen_ - kMaxLinksNamed) + " more" : "";
    return {ErrorCode::invalid_argument,
            "links and special files are not read: " + links_ + more + "; put the files themselves there"};
  }

  const FolderLister& lister_;
  const std::string& root_;
  const Context& context_;
  std::vector<FileInfo> files_;
  std::vector<std::string> folders_;  // not looked at yet
  std::size_t seen_ = 0;
  std::size_t path_bytes_ = 0;
  std::string links_;
  std::size_t links_seen_ = 0;
};

}  // namespace

std::string below(const std::string& folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  return folder + (folder.ends_with('/') ? "" : "/") + std::string(name);
}

bool is_entry_name(std::string_view name) {
  return !name.empty() && name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

Result<std::vector<FileInfo>> list_below(const std::string& root, const FolderLister& lister,
                                         const Context& context) {
  return Listing(lister, root, context).run();
}

}  // namespace waybill::source
