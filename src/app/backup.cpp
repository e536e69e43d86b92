// `waybill backup`: a copy of the data folder that a server can be started on, taken beside a running one.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "app/commands.h"
#include "app/data_folder.h"
#include "storage/sqlite/backup.h"

namespace waybill::app {

namespace {

namespace fs = std::filesystem;

/// Files that a running server may remove meanwhile (an expired upload) are left out.
Result<void> copy_file(const fs::path& from, const fs::path& to, cli::LocalBackup& done) {
  std::error_code failed;
  fs::copy_file(from, to, failed);
  if (failed == std::errc::no_such_file_or_directory) return {};
  if (failed) return errno_error("cannot copy " + from.string() + " to " + to.string(), failed.value());
  const FileDescriptor file(::open(to.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file || ::fsync(file.get()) != 0) return errno_error("cannot sync " + to.string(), errno);
  ++done.files;
  done.bytes += static_cast<std::int64_t>(fs::file_size(to, failed));
  return {};
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return errno_error("cannot make the folder " + folder.string(), failed.value());
  fs::permissions(folder, fs::perms::owner_all, failed);
  return {};
}

Result<void> copy_folder(const fs::path& from, const fs::path& to, cli::LocalBackup& done) {
  WB_CHECK_OK(make_folder(to));
  std::error_code failed;
  fs::directory_iterator entry(from, failed);
  if (failed == std::errc::no_such_file_or_directory) return {};
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const fs::path name = entry->path().filename();
    std::error_code gone;
    if (entry->is_directory(gone)) {
      if (name != "incoming") WB_CHECK_OK(copy_folder(entry->path(), to / name, done));
    } else if (entry->is_regular_file(gone)) {
      WB_CHECK_OK(copy_file(entry->path(), to / name, done));
    }
  }
  if (failed) return errno_error("cannot read the folder " + from.string(), failed.value());
  return sync_folder(to);
}

/// The database first: whatever its rows name is on disk by then, and stays, for blobs, uploads and keys are
/// written before the rows that name them. The search index is left out: the first start makes it anew.
Result<void> copy_all(const DataPaths& from, const fs::path& to, const fs::path& settings,
                      cli::LocalBackup& done) {
  WB_CHECK_OK(storage::sqlite::copy_database(from.root / "waybill.db", to / "waybill.db"));
  std::error_code failed;
  done.bytes += static_cast<std::int64_t>(fs::file_size(to / "waybill.db", failed));
  ++done.files;
  WB_CHECK_OK(copy_file(from.root / "master.key", to / "master.key", done));
  WB_CHECK_OK(copy_file(from.local_client, to / from.local_client.filename(), done));
  for (const auto& folder : {from.blobs, from.uploads, from.logs}) {
    WB_CHECK_OK(copy_folder(folder, to / folder.filename(), done));
  }
  if (!settings.empty()) WB_CHECK_OK(copy_file(settings, to / "waybill.toml", done));
  return sync_folder(to);
}

}  // namespace

Result<cli::LocalBackup> backup(const cli::LocalArguments& arguments, const fs::path& target) {
  WB_TRY(const auto settings, load_settings(arguments));
  if (!settings.storage.database.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "the data is in a PostgreSQL: back that up with its own means (pg_dump, pg_basebackup), and "
                 "then the master key as a file, and " +
                     (settings.storage.bucket.empty() ? "the folder of storage.shared_dir as files"
                                                      : "the bucket " + settings.storage.bucket +
                                                            " by the store's (versions, replication)")};
  }
  std::error_code failed;
  if (fs::exists(target, failed)) {
    return Error{ErrorCode::already_exists,
                 target.string() + " is there already: name a folder that is not, so that no backup is lost"};
  }
  const fs::path whole = fs::absolute(target, failed).lexically_normal();
  const fs::path partial = whole.string() + ".partial";
  fs::remove_all(partial, failed);  // of a backup that did not come to its end
  WB_CHECK_OK(make_folder(partial));
  cli::LocalBackup done;
  auto copied = copy_all(DataPaths(settings.storage), partial, arguments.config_file, done);
  if (copied && ::rename(partial.c_str(), whole.c_str()) != 0) {
    copied = errno_error("cannot make " + whole.string(), errno);
  }
  if (!copied) {
    fs::remove_all(partial, failed);
    return std::move(copied).error();
  }
  WB_CHECK_OK(sync_folder(whole.parent_path()));
  done.folder = whole;
  done.bucket = settings.storage.bucket;
  return done;
}

}  // namespace waybill::app
