#include "app/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "storage/blobs/local_blobs.h"

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

Result<std::unique_ptr<storage::sqlite::SqliteStore>> open_store(const DataPaths& paths, const Clock& clock) {
  for (const auto& folder : {paths.root, paths.blobs, paths.uploads, paths.incoming, paths.logs}) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return errno_error("cannot make the folder " + folder.string(), failed.value());
  }
  // Bodies, logs and keys are the owner's alone.
  std::error_code ignored;  // on a file system without modes the folder's own protection has to do
  std::filesystem::permissions(paths.root, std::filesystem::perms::owner_all, ignored);
  return storage::open_sqlite(paths.root, std::make_unique<storage::LocalBlobStore>(paths.blobs), clock);
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
