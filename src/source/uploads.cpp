#include "source/uploads.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "source/local_source.h"

namespace waybill::source {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kScheme = "upload://";
constexpr std::string_view kBodyEnding = ".zip";
constexpr std::string_view kNoteEnding = ".upload";
constexpr std::uint64_t kMaxNoteBytes = 16 * 1024;
constexpr mode_t kFolderMode = 0700;

/// The note beside a body: three lines, "NAME VALUE" each. It is written last: where it is, the upload is.
struct Note {
  Department department;
  Time created{};
  std::uint64_t size = 0;
};

std::string write_note(const Note& note) {
  return "department " + percent_encode(note.department.value()) + "\ncreated " + format_time(note.created) +
         "\nsize " + std::to_string(note.size) + "\n";
}

std::optional<Note> read_note(const fs::path& path) {
  const auto text = read_file(path, kMaxNoteBytes);
  if (!text) return std::nullopt;
  Note note;
  bool has_department = false;
  bool has_time = false;
  for (const std::string_view line : split(*text, '\n')) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, space);
    const std::string_view value = line.substr(space + 1);
    if (name == "department") {
      const auto department = percent_decode(value);
      if (!department) return std::nullopt;
      note.department = Department(*department);
      has_department = true;
    } else if (name == "created") {
      const auto created = parse_time(value);
      if (!created) return std::nullopt;
      note.created = *created;
      has_time = true;
    } else if (name == "size") {
      std::from_chars(value.data(), value.data() + value.size(), note.size);
    }
  }
  return has_department && has_time ? std::optional(note) : std::nullopt;
}

/// rename(2), or a copy where the body lies on another file system.
Result<void> move_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  if (errno != EXDEV) return errno_error("cannot keep the upload", errno);
  std::error_code failed;
  fs::copy_file(from, to, failed);
  if (failed) return errno_error("cannot keep the upload", failed.value());
  fs::remove(from, failed);  // what is left of it is the temporary folder's matter
  return {};
}

Result<std::uint64_t> sync_file(const fs::path& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd || ::fsync(fd.get()) != 0 || ::fstat(fd.get(), &info) != 0)
    return errno_error("cannot sync the upload", errno);
  return static_cast<std::uint64_t>(info.st_size);
}

Time modified(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return Time::max();
  return Time(std::chrono::seconds(info.st_mtim.tv_sec));
}

}  // namespace

std::string upload_uri(const UploadId& id) {
  return std::string(kScheme) + to_string(id);
}

Error no_such_upload(const std::string& uri) {
  return {ErrorCode::not_found,
          "there is no upload " + uri + "; it may have expired: send the package again"};
}

Result<UploadId> parse_upload_uri(const std::string& uri) {
  if (uri.size() < kScheme.size() || !iequals(std::string_view(uri).substr(0, kScheme.size()), kScheme))
    return Error{ErrorCode::invalid_argument, "'" + uri + "' is not an upload:// URI"};
  const auto uuid = Uuid::parse(std::string_view(uri).substr(kScheme.size()));
  if (!uuid) return no_such_upload(uri);
  return UploadId(*uuid);
}

LocalUploads::LocalUploads(fs::path folder, const Clock& clock)
    : folder_(std::move(folder)), clock_(&clock) {}

fs::path LocalUploads::body_path(const UploadId& id) const {
  return folder_ / (to_string(id) + std::string(kBodyEnding));
}

fs::path LocalUploads::note_path(const UploadId& id) const {
  return folder_ / (to_string(id) + std::string(kNoteEnding));
}

Result<UploadId> LocalUploads::adopt(const fs::path& body, const Department& department,
                                     const Context& /*context*/) {
  if (::mkdir(folder_.c_str(), kFolderMode) != 0 && errno != EEXIST)
    return errno_error("cannot make the folder " + folder_.string(), errno);
  const UploadId id(Uuid::random());
  WB_CHECK_OK(move_file(body, body_path(id)));
  WB_TRY(const std::uint64_t size, sync_file(body_path(id)));
  const Note note{department, clock_->now(), size};
  // Syncs the folder too, and with it the body's name.
  WB_CHECK_OK(write_file_atomically(note_path(id), write_note(note), 0600));
  return id;
}

Result<std::unique_ptr<Source>> LocalUploads::open(const std::string& uri, const Department& department,
                                                   const Context& /*context*/) {
  WB_TRY(const UploadId id, parse_upload_uri(uri));
  const auto note = read_note(note_path(id));
  if (!note || note->department != department) return no_such_upload(uri);

  LocalRoot root;
  root.uri = upload_uri(id);
  root.shown = root.uri;
  root.file = body_path(id).filename().string();
  // It never changes, and a restored copy of the data folder goes on with its jobs.
  root.version = to_string(id) + "-" + std::to_string(note->size);
  root.folder = FileDescriptor(::open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.folder) return errno_error("cannot open the folder of uploads", errno);
  if (::faccessat(root.folder.get(), root.file.c_str(), F_OK, 0) != 0) return no_such_upload(uri);
  return make_local_source(std::move(root));
}

Result<std::size_t> LocalUploads::remove_older_than(
    Time time, const std::function<Result<bool>(const UploadId&)>& needed) {
  std::size_t removed = 0;
  std::error_code failed;
  for (fs::directory_iterator at(folder_, failed), end; !failed && at != end; at.increment(failed)) {
    const fs::path path = at->path();
    if (path.extension() == kNoteEnding) {
      const auto note = read_note(path);
      if ((note ? note->created : modified(path)) >= time) continue;
      if (const auto id = Uuid::parse(path.stem().string())) {
        WB_TRY(const bool kept, needed(UploadId(*id)));
        if (kept) continue;
      }
      // Where several servers share the folder, another may have been faster.
      if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return errno_error("cannot remove an expired upload", errno);
      ::unlink(fs::path(path).replace_extension(kBodyEnding).c_str());
      ++removed;
    } else if (!fs::exists(fs::path(path).replace_extension(kNoteEnding)) && modified(path) < time) {
      ::unlink(path.c_str());  // a body without its note: adopt() did not come to its end
    }
  }
  if (failed && failed != std::errc::no_such_file_or_directory)
    return errno_error("cannot list the uploads", failed.value());
  return removed;
}

}  // namespace waybill::source
