#include "app/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "base/hash.h"
#include "storage/blobs/local_blobs.h"
#include "storage/postgres/postgres_store.h"
#include "storage/sqlite/sqlite_store.h"

// POSIX leaves the declaration to the program.
extern char** environ;

namespace waybill::app {

namespace {

constexpr std::string_view kSealedFor = "signing key";

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> values;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) values.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return values;
}

/// The node's own, told apart by the machine and the data folder, which one server has locked.
std::filesystem::path incoming_of(const config::Settings::Storage& storage) {
  if (storage.shared_dir.empty()) return storage.data_dir / "incoming";
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  std::error_code ignored;
  const std::string node =
      std::string(host) + ":" + std::filesystem::absolute(storage.data_dir, ignored).string();
  return storage.shared_dir / "incoming" / to_hex(sha256(node)).substr(0, 16);
}

Result<void> make_folders(const DataPaths& paths) {
  for (const auto& folder : {paths.root, paths.blobs, paths.uploads, paths.incoming, paths.logs}) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return errno_error("cannot make the folder " + folder.string(), failed.value());
  }
  // Bodies, logs and keys are the owner's alone.
  std::error_code ignored;  // on a file system without modes the folder's own protection has to do
  std::filesystem::permissions(paths.root, std::filesystem::perms::owner_all, ignored);
  return {};
}

}  // namespace

Result<config::Settings> load_settings(const cli::LocalArguments& arguments) {
  const auto values = environment();
  std::filesystem::path file = arguments.config_file;
  if (file.empty()) {
    const auto named = values.find("WAYBILL_CONFIG");
    if (named != values.end()) file = named->second;
  }
  return config::load(file, values, arguments.overrides);
}

DataPaths::DataPaths(const config::Settings::Storage& storage)
    : DataPaths(storage.data_dir, storage.shared_dir.empty() ? storage.data_dir : storage.shared_dir,
                incoming_of(storage)) {}

Result<std::unique_ptr<storage::ServerStore>> open_store(const DataPaths& paths, const Clock& clock) {
  return open_store({}, paths, clock);
}

Result<std::unique_ptr<storage::ServerStore>> open_store(const config::Settings& settings,
                                                         const DataPaths& paths, const Clock& clock,
                                                         std::unique_ptr<storage::BlobStore> blobs) {
  WB_CHECK_OK(make_folders(paths));
  if (!blobs) blobs = std::make_unique<storage::LocalBlobStore>(paths.blobs);
  const auto& chosen = settings.storage;
  if (chosen.database.empty()) return storage::open_sqlite(paths.root, std::move(blobs), clock);
  storage::PostgresOptions options;
  options.url = chosen.database;
  options.connections = static_cast<std::size_t>(chosen.connections);
  options.key_file = chosen.key_file.empty() ? paths.root / "master.key" : chosen.key_file;
  options.abandoned_after = settings.jobs.lease;
  return storage::open_postgres(options, std::move(blobs), clock);
}

Result<FileDescriptor> lock_data_folder(const DataPaths& paths) {
  FileDescriptor lock(::open(paths.lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return errno_error("cannot open " + paths.lock.string(), errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error("cannot lock " + paths.lock.string(), errno);
    return Error{ErrorCode::conflict,
                 "Another server works on the data folder " + paths.root.string() +
                     ". Stop it first, or give this one a folder of its own with --data-dir."};
  }
  return lock;
}

Result<std::string> StoreKeySealer::seal(std::string_view plain) {
  return sealer_.seal(plain, kSealedFor);
}

Result<Secret> StoreKeySealer::open(std::string_view sealed) {
  return sealer_.open(sealed, kSealedFor);
}

}  // namespace waybill::app
