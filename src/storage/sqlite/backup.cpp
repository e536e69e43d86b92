#include "storage/sqlite/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "base/files.h"
#include "storage/sqlite/database.h"

namespace waybill::storage::sqlite {

namespace {

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

Error copy_error(int code, const std::filesystem::path& source) {
  Error error = database_error(code, sqlite3_errstr(code));
  error.message = "cannot copy the database " + source.string() + ": " + error.message;
  return error;
}

Result<Handle> open_raw(const std::filesystem::path& file, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(raw);
  if (code != SQLITE_OK) return copy_error(code, file);
  sqlite3_busy_timeout(raw, static_cast<int>(Connection::kBusyTimeout.count()));
  return handle;
}

}  // namespace

Result<void> copy_database(const std::filesystem::path& source, const std::filesystem::path& target) {
  std::error_code ignored;
  if (!std::filesystem::exists(source, ignored)) {
    return Error{ErrorCode::not_found,
                 "there is no database " + source.string() + ": is this the server's data folder?"};
  }
  {
    WB_TRY(const Handle from, open_raw(source, SQLITE_OPEN_READWRITE));
    WB_TRY(const Handle to, open_raw(target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    sqlite3_backup* copy = sqlite3_backup_init(to.get(), "main", from.get(), "main");
    if (copy == nullptr) return copy_error(sqlite3_errcode(to.get()), source);
    // All pages in one step are one snapshot: a writer beside it neither waits nor makes the copy begin
    // again.
    const int stepped = sqlite3_backup_step(copy, -1);
    const int finished = sqlite3_backup_finish(copy);
    if (stepped != SQLITE_DONE) return copy_error(stepped, source);
    if (finished != SQLITE_OK) return copy_error(finished, source);
  }
  WB_TRY(auto made, Connection::open(target, {}));
  if (const auto whole = made->check_for_damage(); !whole) {
    return whole.error().code == ErrorCode::corrupt ? copy_error(SQLITE_CORRUPT, source) : whole.error();
  }
  made.reset();
  const FileDescriptor file(::open(target.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file || ::fsync(file.get()) != 0) return errno_error("cannot sync " + target.string(), errno);
  return {};
}

}  // namespace waybill::storage::sqlite
