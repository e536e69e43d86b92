#include "source/share.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "source/beneath.h"
#include "source/local_source.h"

namespace waybill::source {

namespace {

namespace fs = std::filesystem;

struct FreeString {
  void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc): realpath(3)
};

/// The path without links, "." and ".."; nullopt with errno set where it does not lead anywhere.
std::optional<fs::path> real_path(const fs::path& path) {
  const std::unique_ptr<char, FreeString> resolved(::realpath(path.c_str(), nullptr));
  if (!resolved) return std::nullopt;
  return fs::path(resolved.get());
}

bool is_within(const fs::path& path, const fs::path& root) {
  const auto [in_root, in_path] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return in_root == root.end();
}

/// The outermost root that holds `path`; nullopt where none does.
std::optional<fs::path> root_of(const fs::path& path, const std::vector<fs::path>& roots) {
  std::optional<fs::path> best;
  for (const fs::path& allowed : roots) {
    const auto root = real_path(allowed);
    if (!root || !is_within(path, *root)) continue;
    if (!best || is_within(*best, *root)) best = root;
  }
  return best;
}

Error outside_error(const std::string& uri) {
  return {ErrorCode::permission_denied,
          uri +
              " is not below a folder that this server may read; the operator lists those folders in "
              "sources.file_roots"};
}

/// Why `path` does not resolve, without telling what is there outside the roots: the deepest part of it that
/// is there decides.
Error unresolved_error(const std::string& uri, const fs::path& path, int error_number,
                       const std::vector<fs::path>& roots) {
  for (fs::path part = path; part != part.parent_path(); part = part.parent_path()) {
    struct stat info {};
    if (::lstat(part.c_str(), &info) != 0) continue;
    const auto real = real_path(part);
    if (!real || !root_of(*real, roots)) break;  // a link that leads nowhere, or out
    return errno_error("cannot open " + uri, error_number);
  }
  return outside_error(uri);
}

/// What a resolved path is, opened below `root`. Both are free of links when this begins; what is swapped in
/// afterwards is refused.
Result<LocalRoot> open_root(const fs::path& root, const fs::path& path, const std::string& uri) {
  const FileDescriptor top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!top) return errno_error("cannot open " + root.string(), errno);
  const std::string relative = path == root ? "" : path.lexically_relative(root).string();
  WB_TRY(auto fd, open_beneath(top.get(), relative, O_PATH, uri));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_error("cannot look at " + uri, errno);
  const bool is_file = S_ISREG(info.st_mode);
  if (!is_file && !S_ISDIR(info.st_mode))
    return Error{ErrorCode::invalid_argument, uri + " is neither a file nor a folder"};

  LocalRoot opened;
  opened.uri = uri;
  opened.shown = path.string();
  if (is_file || path != root) {
    const std::string parent = fs::path(relative).parent_path().string();
    WB_TRY(opened.log_folder, open_beneath(top.get(), parent, O_PATH | O_DIRECTORY, uri));
    opened.log_folder_path = path.parent_path();
  } else {
    WB_TRY(opened.log_folder, open_beneath(top.get(), "", O_PATH | O_DIRECTORY, uri));
    opened.log_folder_path = path;
  }
  if (is_file) {
    opened.file = path.filename().string();
    const std::string parent = fs::path(relative).parent_path().string();
    WB_TRY(opened.folder, open_beneath(top.get(), parent, O_PATH | O_DIRECTORY, uri));
  } else {
    opened.folder = std::move(fd);
  }
  return opened;
}

}  // namespace

Result<fs::path> parse_file_uri(std::string_view uri) {
  const auto refuse = [&](const std::string& why) {
    return Error{ErrorCode::invalid_argument,
                 "'" + std::string(uri) + "' " + why + "; expected file:///folder/package.zip (RFC 8089)"};
  };
  constexpr std::string_view kScheme = "file:";
  if (uri.size() < kScheme.size() || !iequals(uri.substr(0, kScheme.size()), kScheme))
    return refuse("is not a file URI");
  std::string_view rest = uri.substr(kScheme.size());
  if (rest.find_first_of("?#") != std::string_view::npos)
    return refuse("has a query or a fragment; write '?' and '#' in a name as %3F and %23");
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const std::string_view host = rest.substr(0, rest.find('/'));
    if (!host.empty() && !iequals(host, "localhost"))
      return refuse("names the host '" + std::string(host) + "'; only files of this server can be read");
    rest.remove_prefix(host.size());
  }
  if (!rest.starts_with('/')) return refuse("has no absolute path");
  const auto path = percent_decode(rest);
  if (!path) return refuse("has a '%' that no two hex digits follow");
  if (path->find('\0') != std::string::npos) return refuse("has a NUL character");
  return fs::path(*path);
}

Result<std::unique_ptr<Source>> open_share(const std::string& uri,
                                           const std::vector<fs::path>& allowed_roots) {
  WB_TRY(const fs::path path, parse_file_uri(uri));
  if (allowed_roots.empty()) {
    return Error{ErrorCode::permission_denied,
                 "this server reads no file:// paths; the operator allows folders in sources.file_roots"};
  }
  const auto real = real_path(path);
  if (!real) return unresolved_error(uri, path, errno, allowed_roots);
  const auto root = root_of(*real, allowed_roots);
  if (!root) return outside_error(uri);
  WB_TRY(LocalRoot opened, open_root(*root, *real, uri));
  return make_local_source(std::move(opened));
}

Result<std::unique_ptr<Source>> open_local(const fs::path& path) {
  const auto real = real_path(path);
  if (!real) return errno_error("cannot open " + path.string(), errno);
  WB_TRY(LocalRoot opened, open_root("/", *real, file_uri(*real)));
  opened.log_folder.reset();
  return make_local_source(std::move(opened));
}

}  // namespace waybill::source
