#include "cli/zip_writer.h"

#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <optional>

#include "base/files.h"
#include "base/text.h"

namespace waybill::cli {

namespace {

constexpr std::size_t kPieceBytes = 256 << 10;
constexpr std::uint32_t kDeflateLevel = 6;
constexpr std::uint32_t kRegularFileMode = 0100644U << 16U;
/// Deflating them again gains nothing.
constexpr std::array<std::string_view, 16> kCompressedAlready{
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".zip",   ".gz",
    ".xz",  ".7z",  ".mp4",  ".mp3", ".webm", ".woff", ".woff2", ".bz2"};

struct DosTime {
  std::uint16_t time, date;
};

/// In UTC, not in the machine's zone, so that the same moment gives the same bytes. Earlier than 1980: 1980.
DosTime dos_time(Time moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(moment - day);
  const int year = static_cast<int>(date.year());
  if (year < 1980) return {.time = 0, .date = 1U << 5U | 1U};
  const auto bits = [](auto value) { return static_cast<unsigned>(value); };
  return {.time = static_cast<std::uint16_t>(bits(clock.hours().count()) << 11U |
                                             bits(clock.minutes().count()) << 5U |
                                             bits(clock.seconds().count()) / 2U),
          .date = static_cast<std::uint16_t>(bits(std::min(year, 2107) - 1980) << 9U |
                                             bits(date.month()) << 5U | bits(date.day()))};
}

bool is_compressed_already(std::string_view path) {
  const std::string lower = to_lower(path);
  return std::any_of(kCompressedAlready.begin(), kCompressedAlready.end(),
                     [&](std::string_view ending) { return lower.ends_with(ending); });
}

}  // namespace

struct ZipWriter::State {
  /// What one zip_source needs; stands still in memory.
  struct Entry {
    State* writer;
    std::uint64_t size;
    std::time_t date;
    Opener open;
    Pieces pieces = {};
    std::string buffer = {};
    std::size_t position = 0;
    zip_error_t error = {};
  };

  zip_t* archive = nullptr;
  std::filesystem::path file;
  DosTime date{};
  std::time_t unix_date = 0;
  std::deque<Entry> entries;
  std::optional<Error> failure;  // of an opener
  std::function<bool(std::size_t)> progress;
  std::size_t begun = 0;
  bool stopped = false;

  ~State() {
    if (archive != nullptr) zip_discard(archive);
  }

  zip_int64_t fail(Entry& entry, Error error) {
    if (!failure) failure = std::move(error);
    zip_error_set(&entry.error, ZIP_ER_READ, EIO);
    return -1;
  }

  zip_int64_t open_entry(Entry& entry) {
    auto pieces = entry.open();
    if (!pieces.ok()) return fail(entry, std::move(pieces).error());
    entry.pieces = std::move(*pieces);
    entry.buffer.clear();
    entry.position = 0;
    ++begun;
    if (progress && !progress(begun)) stopped = true;
    return 0;
  }

  zip_int64_t read(Entry& entry, char* into, zip_uint64_t size) {
    std::size_t done = 0;
    while (done < size) {
      if (entry.position == entry.buffer.size()) {
        entry.buffer.clear();
        entry.position = 0;
        auto more = entry.pieces(entry.buffer);
        if (!more.ok()) return fail(entry, std::move(more).error());
        if (!*more) break;
      }
      const std::size_t count =
          std::min<std::size_t>(static_cast<std::size_t>(size) - done, entry.buffer.size() - entry.position);
      std::copy_n(entry.buffer.data() + entry.position, count, into + done);
      entry.position += count;
      done += count;
    }
    return static_cast<zip_int64_t>(done);
  }

  static zip_int64_t callback(void* user, void* data, zip_uint64_t size, zip_source_cmd_t command) {
    auto& entry = *static_cast<Entry*>(user);
    State& state = *entry.writer;
    switch (command) {
      case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
      case ZIP_SOURCE_OPEN:
        return state.open_entry(entry);
      case ZIP_SOURCE_READ:
        return state.read(entry, static_cast<char*>(data), size);
      case ZIP_SOURCE_CLOSE:
        entry.pieces = nullptr;
        entry.buffer = {};
        return 0;
      case ZIP_SOURCE_STAT: {
        auto& stat = *static_cast<zip_stat_t*>(data);
        zip_stat_init(&stat);
        stat.size = entry.size;
        stat.mtime = entry.date;
        stat.valid = ZIP_STAT_SIZE | ZIP_STAT_MTIME;
        return sizeof(stat);
      }
      case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&entry.error, data, size);
      default:
        return 0;
    }
  }

  Error archive_error(std::string_view what) {
    zip_error_t* error = zip_get_error(archive);
    const bool full = zip_error_code_system(error) == ENOSPC;
    return {full ? ErrorCode::no_space : ErrorCode::io,
            std::string(what) + " " + file.string() + ": " + zip_error_strerror(error)};
  }
};

ZipWriter::ZipWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipWriter::~ZipWriter() = default;
ZipWriter::ZipWriter(ZipWriter&&) noexcept = default;

Result<ZipWriter> ZipWriter::create(const std::filesystem::path& file, Time date) {
  auto state = std::make_unique<State>();
  state->file = file;
  state->date = dos_time(date);
  state->unix_date = std::chrono::system_clock::to_time_t(date);
  int code = 0;
  state->archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (state->archive == nullptr) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    Error result{ErrorCode::io, "cannot write " + file.string() + ": " + zip_error_strerror(&error)};
    zip_error_fini(&error);
    return result;
  }
  return ZipWriter(std::move(state));
}

Result<void> ZipWriter::add(const std::string& path, std::uint64_t size, Opener open) {
  State& state = *state_;
  state.entries.push_back({.writer = &state, .size = size, .date = state.unix_date, .open = std::move(open)});
  zip_source_t* source = zip_source_function(state.archive, State::callback, &state.entries.back());
  if (source == nullptr) return state.archive_error("cannot write");
  const zip_int64_t index = zip_file_add(state.archive, path.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    const bool twice = zip_error_code_zip(zip_get_error(state.archive)) == ZIP_ER_EXISTS;
    zip_source_free(source);
    if (twice) return Error{ErrorCode::already_exists, "two files would have the path " + path};
    return Error{ErrorCode::invalid_argument, "the path \"" + escape_controls(path) + "\" cannot be packed"};
  }
  const auto at = static_cast<zip_uint64_t>(index);
  const bool store = is_compressed_already(path);
  zip_set_file_compression(state.archive, at, store ? ZIP_CM_STORE : ZIP_CM_DEFLATE,
                           store ? 0 : kDeflateLevel);
  zip_file_set_dostime(state.archive, at, state.date.time, state.date.date, 0);
  zip_file_set_external_attributes(state.archive, at, 0, ZIP_OPSYS_UNIX, kRegularFileMode);
  return {};
}

Result<void> ZipWriter::finish(const std::function<bool(std::size_t entries)>& progress) {
  State& state = *state_;
  state.progress = progress;
  zip_register_cancel_callback_with_state(
      state.archive, [](zip_t*, void* user) { return static_cast<State*>(user)->stopped ? 1 : 0; }, nullptr,
      &state);
  if (zip_close(state.archive) != 0) {
    if (state.failure) return *state.failure;
    if (state.stopped) return Error{ErrorCode::cancelled, "interrupted"};
    return state.archive_error("cannot write");
  }
  state.archive = nullptr;
  return {};
}

Opener file_opener(std::filesystem::path file) {
  return [file = std::move(file)]() -> Result<Pieces> {
    // Shared: std::function must be copyable, a descriptor is not.
    auto fd = std::make_shared<FileDescriptor>(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!*fd) return errno_error("cannot open " + file.string(), errno);
    return Pieces([fd, file](std::string& into) -> Result<bool> {
      const std::size_t before = into.size();
      into.resize(before + kPieceBytes);
      ssize_t count = 0;
      do {
        count = ::read(fd->get(), into.data() + before, kPieceBytes);
      } while (count < 0 && errno == EINTR);
      const int number = errno;
      into.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
      if (count < 0) return errno_error("cannot read " + file.string(), number);
      return count > 0;
    });
  };
}

Opener text_opener(std::function<Result<std::string>()> text) {
  return [text = std::move(text)]() -> Result<Pieces> {
    WB_TRY(std::string bytes, text());
    return Pieces([bytes = std::move(bytes), given = false](std::string& into) mutable -> Result<bool> {
      if (given || bytes.empty()) return false;
      given = true;
      into.append(bytes);
      bytes.clear();
      return true;
    });
  };
}

}  // namespace waybill::cli
