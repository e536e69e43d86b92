#include "source/local_source.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "source/beneath.h"
#include "source/local_file.h"
#include "source/log_place.h"

namespace waybill::source {

namespace {

constexpr std::size_t kMaxListed = 2'000'000;    // files and folders: bounds the memory of a listing
constexpr std::size_t kMaxLinksNamed = 10;       // in one message
constexpr std::string_view kLogFolder = "logs";  // contract, section 4

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

class LocalSource final : public Source {
 public:
  explicit LocalSource(LocalRoot root) : root_(std::move(root)) {}

  std::string uri() const override { return root_.uri; }

  Result<std::vector<FileInfo>> list(const Context& context) override {
    if (!root_.file.empty()) {
      WB_TRY(const auto file, open("", context));
      return std::vector<FileInfo>{{"", file->size(), file->version()}};
    }
    Listing listing;
    listing.folders.emplace_back();
    while (!listing.folders.empty()) {
      WB_CHECK_OK(context.check());
      const std::string folder = std::move(listing.folders.back());
      listing.folders.pop_back();
      WB_CHECK_OK(list_folder(folder, listing));
    }
    if (!listing.links.empty()) return links_error(listing);
    std::sort(listing.files.begin(), listing.files.end(),
              [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
    return std::move(listing.files);
  }

  Result<std::unique_ptr<RandomAccess>> open(const std::string& path, const Context& context) override {
    WB_CHECK_OK(context.check());
    if (root_.file.empty() == path.empty())
      return Error{ErrorCode::not_found, "there is no file " + shown(path)};
    const std::string& relative = path.empty() ? root_.file : path;
    // O_NONBLOCK: opening a named pipe must not wait for its writer.
    WB_TRY(auto fd,
           open_beneath(root_.folder.get(), relative, O_RDONLY | O_NONBLOCK | O_NOCTTY, shown(path)));
    return make_local_file(std::move(fd), shown(path));
  }

  std::string log_location(std::string_view name) const override {
    return root_.log_folder ? file_uri(root_.log_folder_path / kLogFolder / name) : "";
  }

  Result<std::string> put_log(std::string_view name, const std::filesystem::path& file,
                              const Context& context) override {
    if (!root_.log_folder)
      return Error{ErrorCode::permission_denied, "no log can be put at " + root_.uri + "; it stays here"};
    WB_CHECK_OK(put_file(log_place(), std::string(name), file, context));
    return log_location(name);
  }

  Result<void> remove_log(std::string_view name, const Context& /*context*/) override {
    return root_.log_folder ? remove_file(log_place(), std::string(name)) : Result<void>();
  }

 private:
  LogPlace log_place() const {
    return {root_.log_folder.get(), std::string(kLogFolder), (root_.log_folder_path / kLogFolder).string()};
  }

  struct Listing {
    std::vector<FileInfo> files;
    std::vector<std::string> folders;  // not looked at yet
    std::size_t folders_seen = 0;
    std::vector<std::string> links;
    std::size_t links_seen = 0;
  };

  std::string shown(const std::string& path) const {
    return path.empty() ? root_.shown : root_.shown + "/" + path;
  }

  Result<void> list_folder(const std::string& folder, Listing& listing) const {
    WB_TRY(const auto fd, open_beneath(root_.folder.get(), folder, O_RDONLY | O_DIRECTORY, shown(folder)));
    // fdopendir(3) takes its descriptor over, so it gets one of its own.
    const int own = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0);
    const std::unique_ptr<DIR, CloseDirectory> directory(own < 0 ? nullptr : ::fdopendir(own));
    if (!directory) {
      const int error_number = errno;
      const FileDescriptor closed(own);
      return errno_error("cannot list " + shown(folder), error_number);
    }
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr) {
        if (errno != 0) return errno_error("cannot list " + shown(folder), errno);
        return {};
      }
      const std::string_view name(static_cast<const char*>(entry->d_name));
      if (name == "." || name == "..") continue;
      WB_CHECK_OK(add(fd.get(), folder, std::string(name), listing));
    }
  }

  Result<void> add(int directory, const std::string& folder, const std::string& name,
                   Listing& listing) const {
    std::string path = folder.empty() ? name : folder + "/" + name;
    struct stat info {};
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return {};  // removed since the folder was read
      return errno_error("cannot look at " + shown(path), errno);
    }
    if (S_ISDIR(info.st_mode)) {
      if (folder.empty() && name == kLogFolder) return {};
      listing.folders.push_back(std::move(path));
      ++listing.folders_seen;
    } else if (S_ISREG(info.st_mode)) {
      listing.files.push_back({std::move(path), static_cast<std::uint64_t>(info.st_size), version_of(info)});
    } else if (++listing.links_seen <= kMaxLinksNamed) {
      listing.links.push_back(std::move(path));
    }
    if (listing.files.size() + listing.folders_seen > kMaxListed) {
      return Error{ErrorCode::limit_exceeded, root_.shown + " holds more than " + std::to_string(kMaxListed) +
                                                  " files and folders; name the package itself"};
    }
    return {};
  }

  static Error links_error(const Listing& listing) {
    std::string names;
    for (const std::string& link : listing.links) names += (names.empty() ? "" : ", ") + link;
    if (listing.links_seen > listing.links.size())
      names += " and " + std::to_string(listing.links_seen - listing.links.size()) + " more";
    return {ErrorCode::invalid_argument,
            "links and special files are not read: " + names + "; put the files themselves there"};
  }

  LocalRoot root_;
};

}  // namespace

std::string file_uri(const std::filesystem::path& path) {
  constexpr std::string_view kPathCharacters = "/!$&'()*+,;=:@";  // RFC 3986, 3.3: pchar
  return "file://" + percent_encode(path.string(), kPathCharacters);
}

std::unique_ptr<Source> make_local_source(LocalRoot root) {
  return std::make_unique<LocalSource>(std::move(root));
}

}  // namespace waybill::source
