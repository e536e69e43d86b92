#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "storage/sql/query.h"
#include "storage/sqlite/embedded_sql.h"

struct sqlite3;
struct sqlite3_stmt;

namespace waybill::storage::sqlite {

using sql::Blob;
using sql::Query;
using sql::Sql;
using sql::to_limit;

/// What SQLite's result code means for the caller. SQLite's own words go to `detail`.
Error database_error(int code, std::string_view sqlite_words);

struct ConnectionOptions {
  bool read_only = false;
  bool full_sync = true;       // false: the last transactions may be lost with the power, never the file
  int cache_kibibytes = 8192;  // of pages held in memory
};

/// One open database file with its statements, each prepared at its first use and kept. One thread at a time.
class Connection final : public sql::Connection {
 public:
  /// How long a statement waits for another process (the command line on the same machine) to finish writing.
  static constexpr Milliseconds kBusyTimeout{5000};

  /// Makes the file where it is not there, readable by its owner alone, unless it is to be read only. Errors:
  /// those of database_error.
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file,
                                                  const ConnectionOptions& options);
  ~Connection() override;

  std::unique_ptr<sql::Rows> start(sql::Sql sql, std::span<const sql::Value> values) override;
  std::int64_t changes() const override;

  /// Statements separated by ';', without values: schemas and pragmas.
  Result<void> run_script(const char* sql);
  /// The first column of the first row of a fixed text, e.g. "PRAGMA user_version".
  Result<std::int64_t> read_integer(const char* sql);
  /// Reads the whole file. Errors: corrupt (damaged), io.
  Result<void> check_for_damage();
  void set_busy_timeout(Milliseconds timeout);

 private:
  friend class Run;
  Connection() = default;
  Result<sqlite3_stmt*> prepared(sql::Sql sql);
  Error last_error(int code) const;

  sqlite3* handle_ = nullptr;
  std::array<sqlite3_stmt*, sql::kStatements> statements_{};
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
