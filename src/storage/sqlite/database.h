#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "storage/sqlite/embedded_sql.h"

struct sqlite3;
struct sqlite3_stmt;

namespace waybill::storage::sqlite {

/// Bytes that are bound as a BLOB; must outlive the query.
struct Blob {
  std::string_view bytes;
};
inline Blob blob(const Sha256& hash) {
  return {as_bytes(hash)};
}
inline Blob blob(const JobId& id) {
  const auto& bytes = id.value().bytes();
  return {{reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
}

inline std::int64_t to_integer(Time time) {
  return time.time_since_epoch().count();
}
/// A LIMIT; what does not fit is as good as none.
inline std::int64_t to_limit(std::size_t rows) {
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(rows < kMost ? rows : kMost);
}
inline Time to_time(std::int64_t milliseconds) {
  return Time(Milliseconds(milliseconds));
}

/// What SQLite's result code means for the caller. SQLite's own words go to `detail`.
Error database_error(int code, std::string_view sqlite_words);

struct ConnectionOptions {
  bool read_only = false;
  bool full_sync = true;       // false: the last transactions may be lost with the power, never the file
  int cache_kibibytes = 8192;  // of pages held in memory
};

/// One open database file with its statements, each prepared at its first use and kept. One thread at a time.
class Connection {
 public:
  /// How long a statement waits for another process (the command line on the same machine) to finish writing.
  static constexpr Milliseconds kBusyTimeout{5000};

  /// Makes the file where it is not there, readable by its owner alone, unless it is to be read only. Errors:
  /// those of database_error.
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file,
                                                  const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Statements separated by ';', without values: schemas and pragmas.
  Result<void> run_script(const char* sql);
  /// The first column of the first row of a fixed text, e.g. "PRAGMA user_version".
  Result<std::int64_t> read_integer(const char* sql);
  /// Reads the whole file. Errors: corrupt (damaged), io.
  Result<void> check_for_damage();
  /// Rows that the last statement changed.
  std::int64_t changes() const;
  std::int64_t last_rowid() const;
  void set_busy_timeout(Milliseconds timeout);

 private:
  friend class Query;
  Connection() = default;
  Result<sqlite3_stmt*> prepared(Sql sql);
  Error last_error(int code) const;

  sqlite3* handle_ = nullptr;
  std::array<sqlite3_stmt*, static_cast<std::size_t>(Sql::count_of_statements)> statements_{};
};

/// One run of a prepared statement with its values: step through the rows, or run it to its end. The bound
/// texts and blobs must outlive it; views of a row live until the next step. A failure to prepare or bind
/// shows at the first step.
class Query {
 public:
  template <typename... Values>
  Query(Connection& connection, Sql sql, const Values&... values) : Query(connection, sql) {
    int index = 0;
    (bind(++index, values), ...);
  }
  Query(Connection& connection, Sql sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// True where there is a row. Errors: those of database_error.
  Result<bool> step();
  /// To the end, whatever rows there are.
  Result<void> run();

  std::int64_t integer(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  bool is_null(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  // TEXT or BLOB
  std::string string(int column) const { return std::string(text(column)); }
  Time time(int column) const { return to_time(integer(column)); }
  std::optional<Time> optional_time(int column) const;
  Sha256 hash(int column) const;   // zeros where it is not 32 bytes long
  JobId job_id(int column) const;  // zeros where it is not 16 bytes long

 private:
  void bind(int index, std::nullptr_t value);
  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, std::string_view value);
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, Blob value);
  void bind(int index, const Sha256& value) { bind(index, blob(value)); }
  void bind(int index, const JobId& value) { bind(index, blob(value)); }
  void bind(int index, const Department& value) { bind(index, std::string_view(value.value())); }
  void bind(int index, const ClientId& value) { bind(index, std::string_view(value.value())); }
  void bind(int index, const KnowledgeId& value) { bind(index, value.value()); }
  void bind(int index, const Epoch& value) { bind(index, value.value()); }
  void bind(int index, Time value) { bind(index, to_integer(value)); }
  template <typename T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind(index, nullptr);
    }
  }
  void note(int code);

  Connection& connection_;
  sqlite3_stmt* statement_ = nullptr;
  std::optional<Error> error_;
};

/// BEGIN to COMMIT; rolled back where it goes without commit().
class Transaction {
 public:
  enum class Kind { read, write };
  static Result<std::unique_ptr<Transaction>> begin(Connection& connection, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Result<void> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Connection& connection_;
  bool open_ = true;
};

}  // namespace waybill::storage::sqlite
