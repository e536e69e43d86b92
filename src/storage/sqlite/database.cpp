#include "storage/sqlite/database.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>

#include "base/files.h"

namespace waybill::storage::sqlite {

namespace {

Error open_error(const std::filesystem::path& file, const Error& cause) {
  return {cause.code, "cannot open the database " + file.string() + ": " + cause.message, cause.detail};
}

/// The errno of the last call that failed on the database's file or its log; 0 for none.
int last_errno(sqlite3* handle) {
  int number = 0;
  (void)sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
  sqlite3_file* log = nullptr;
  if (number == 0 && sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
      log != nullptr && log->pMethods != nullptr) {
    (void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number);
  }
  return number;
}

}  // namespace

Error database_error(int code, std::string_view sqlite_words) {
  const std::string detail = "SQLite " + std::to_string(code) + ": " + std::string(sqlite_words);
  switch (code & 0xFF) {  // the primary code; the rest says more
    case SQLITE_FULL:
      return {ErrorCode::no_space, "the disk that holds the database is full: make room on it", detail};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::unavailable, "the database is busy with another program's work: try again", detail};
    case SQLITE_NOMEM:
      return {ErrorCode::unavailable, "there is not enough memory for the database: try again", detail};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::corrupt, "the database file is damaged or not a database: restore it from a backup",
              detail};
    case SQLITE_READONLY:
      return {ErrorCode::io,
              "the database file cannot be written: check the rights of its folder, and whether its disk has "
              "become read-only",
              detail};
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorCode::permission_denied,
              "the database file cannot be written: check the rights of its folder", detail};
    case SQLITE_CANTOPEN:
      return {ErrorCode::io, "the database file cannot be opened: check that its folder is there", detail};
    case SQLITE_IOERR:
      return {ErrorCode::io, "the database file cannot be read or written: check the disk", detail};
    default:
      return {ErrorCode::internal, "a statement of the database failed", detail};
  }
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file,
                                                     const ConnectionOptions& options) {
  if (!options.read_only) {
    // SQLite would make it with the rights of the umask; its -wal and -shm take theirs from it. What fails
    // here fails again, and is told, below.
    const FileDescriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }
  std::unique_ptr<Connection> connection(new Connection);
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(file.c_str(), &connection->handle_, flags, nullptr);
  if (code != SQLITE_OK) return open_error(file, connection->last_error(code));
  sqlite3_extended_result_codes(connection->handle_, 1);
  connection->set_busy_timeout(kBusyTimeout);

  std::string pragmas;
  if (!options.read_only) {
    // Pages of 8 KiB hold an ordinary article without a chain of overflow pages. Only a new file takes it.
    pragmas =
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 2000; "
        "PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = ON; ";
    pragmas += options.full_sync ? "PRAGMA synchronous = FULL; " : "PRAGMA synchronous = NORMAL; ";
  }
  // No mmap: mapped pages would count as the server's memory, and a failing disk would end it by a signal.
  pragmas += "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; ";
  pragmas += "PRAGMA cache_size = -" + std::to_string(options.cache_kibibytes) + ";";
  if (auto set = connection->run_script(pragmas.c_str()); !set) return open_error(file, set.error());
  // The pragmas above may not touch the file; this does, so that a damaged one is noticed here.
  if (auto read = connection->read_integer("SELECT count(*) FROM sqlite_schema"); !read) {
    return open_error(file, read.error());
  }
  return connection;
}

Connection::~Connection() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Error Connection::last_error(int code) const {
  Error error = database_error(code, handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_));
  // SQLite says only "disk I/O error" where a write found the disk full.
  if (error.code == ErrorCode::io && handle_ != nullptr && sqlite3_system_errno(handle_) == ENOSPC) {
    return database_error(SQLITE_FULL, error.detail);
  }
  // Nor does it tell a page that the disk would not give from one that is damaged.
  if (error.code == ErrorCode::corrupt && handle_ != nullptr && last_errno(handle_) == EIO) {
    return database_error(SQLITE_IOERR, error.detail);
  }
  return error;
}

Result<void> Connection::run_script(const char* sql) {
  if (const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) {
    return last_error(code);
  }
  return {};
}

Result<void> Connection::check_for_damage() {
  WB_TRY(const std::int64_t damaged,
         read_integer("SELECT count(*) FROM pragma_quick_check(1) WHERE quick_check <> 'ok'"));
  if (damaged == 0) return {};
  return database_error(SQLITE_CORRUPT, "quick_check");
}

Result<std::int64_t> Connection::read_integer(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  Result<std::int64_t> result = last_error(code);
  if (code == SQLITE_ROW) result = static_cast<std::int64_t>(sqlite3_column_int64(statement, 0));
  sqlite3_finalize(statement);
  return result;
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(handle_);
}

void Connection::set_busy_timeout(Milliseconds timeout) {
  sqlite3_busy_timeout(handle_, static_cast<int>(timeout.count()));
}

Result<sqlite3_stmt*> Connection::prepared(Sql sql) {
  sqlite3_stmt*& statement = statements_.at(static_cast<std::size_t>(sql));
  if (statement == nullptr) {
    const char* text = statement_text(sql);
    if (text == nullptr) return Error{ErrorCode::internal, "SQLite has no such statement"};
    const int code = sqlite3_prepare_v3(handle_, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return last_error(code);
  }
  return statement;
}

/// One run of a prepared statement; a failure to prepare or bind shows at the first step.
class Run final : public sql::Rows {
 public:
  Run(Connection& connection, Sql sql, std::span<const sql::Value> values) : connection_(connection) {
    auto statement = connection.prepared(sql);
    if (!statement) {
      error_ = std::move(statement).error();
      return;
    }
    statement_ = *statement;
    int index = 0;
    for (const sql::Value& one : values) {
      ++index;
      std::visit([&](const auto& held) { note(bind(index, held)); }, one);
    }
  }
  ~Run() override {
    if (statement_ != nullptr) sqlite3_reset(statement_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Result<bool> step() override {
    if (error_) return *error_;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return connection_.last_error(code);
  }
  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  double real(int column) const override { return sqlite3_column_double(statement_, column); }
  std::string_view text(int column) const override {
    // column_blob first: it converts nothing; column_bytes is then its length.
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  int bind(int index, std::nullptr_t) { return sqlite3_bind_null(statement_, index); }
  int bind(int index, std::int64_t number) { return sqlite3_bind_int64(statement_, index, number); }
  int bind(int index, std::string_view text) {
    // A null pointer would bind NULL, not an empty text.
    const char* data = text.empty() ? "" : text.data();
    return sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int bind(int index, Blob blob) {
    const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
    return sqlite3_bind_blob64(statement_, index, data, blob.bytes.size(), SQLITE_STATIC);
  }
  void note(int code) {
    if (code != SQLITE_OK && !error_) error_ = connection_.last_error(code);
  }

  Connection& connection_;
  sqlite3_stmt* statement_ = nullptr;
  std::optional<Error> error_;
};

std::unique_ptr<sql::Rows> Connection::start(Sql sql, std::span<const sql::Value> values) {
  return std::make_unique<Run>(*this, sql, values);
}

Result<std::unique_ptr<Transaction>> Transaction::begin(Connection& connection, Kind kind) {
  WB_CHECK_OK(Query(connection, kind == Kind::write ? Sql::begin_write : Sql::begin_read).run());
  return std::unique_ptr<Transaction>(new Transaction(connection));
}

Transaction::~Transaction() {
  // Fails only where SQLite has rolled back by itself (disk full).
  if (open_) (void)Query(connection_, Sql::rollback_transaction).run();
}

Result<void> Transaction::commit() {
  WB_CHECK_OK(Query(connection_, Sql::commit_transaction).run());
  open_ = false;
  return {};
}

}  // namespace waybill::storage::sqlite
