#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "storage/sql/query.h"

struct pg_conn;
struct pg_result;

namespace waybill::storage::postgres {

class CopyRows;

/// What a failure with this SQLSTATE (PostgreSQL, appendix A; empty: the connection broke) means for the
/// caller. PostgreSQL's own words go to `detail`.
Error database_error(std::string_view sqlstate, std::string_view words);

/// "db1.example.com:5432/waybill" of a connection string, without user and password.
std::string describe(const std::string& url);

/// One connection with a PostgreSQL. It needs nothing that its session keeps, so that it may as well be one
/// of pgbouncer's in transaction mode; where the session is its own, a few statements stay prepared in it
/// (decision 96). One thread at a time.
class Connection final : public sql::Connection {
 public:
  /// The longest that a statement is waited for; then the connection counts as broken.
  static constexpr std::chrono::seconds kPatience{60};

  /// The server rolls a transaction back when its owner has been silent for about so long, unless told
  /// otherwise: a node that sleeps or is cut off holds what it has locked no longer than its lease.
  static constexpr Milliseconds kAbandoned{10'000};

  /// `url` as libpq reads it (postgres://…, or keywords), where it says nothing with PGPASSWORD, ~/.pgpass
  /// and the like. Errors: unavailable (not reached), permission_denied (user, password), not_found (no such
  /// database), invalid_argument (the string).
  static Result<std::unique_ptr<Connection>> open(const std::string& url,
                                                  Milliseconds abandoned_after = kAbandoned);
  ~Connection() override;

  std::unique_ptr<sql::Rows> start(sql::Sql sql, std::span<const sql::Value> values) override;
  std::int64_t changes() const override { return changes_; }
  /// Kept for take_notices(): it is told once what it is about is committed.
  Result<void> announce(const Notice& notice) override;

  /// Statements separated by ';', without values; waited for however long they take.
  Result<void> run_script(const char* sql);
  /// The first column of the first row of a fixed text, 0 where there is no row.
  Result<std::int64_t> read_integer(const char* sql);

  Result<void> begin();
  Result<void> commit();
  void rollback();
  /// What was announced since begin(), or since the last call.
  std::vector<std::string> take_notices() { return std::exchange(notices_, {}); }
  /// Sends notices that were taken. One that is lost is found by polling: nothing comes of a failure.
  void tell(const std::vector<std::string>& notices);

  /// COPY … FROM STDIN (FORMAT binary) of the rows that `add_rows` adds: the server works on the first while
  /// it adds more, and it waits where the server is slower.
  Result<void> copy_in(const char* sql, int columns, const std::function<void(CopyRows&)>& add_rows);

  /// Whether the server has closed an idle connection. Asks the kernel alone: a server that is gone without a
  /// word is not noticed.
  bool hung_up();
  /// The connection is lost; every later call fails.
  bool broken() const { return broken_; }
  /// Whether nobody else's statements run in the session.
  bool owns_session() const { return owns_session_; }
  /// Two transactions that get into each other's way do so a few times at most: each time one gets through.
  static constexpr int kCollisions = 8;
  /// The last failure came about because another transaction got into the way, or the session turned out to
  /// be others' as well: run from the beginning, the same may succeed.
  bool collided() const { return collided_; }

  /// For the listener: what was announced since the last look; waits at most so long, or until `wake` (a file
  /// descriptor) can be read.
  Result<std::vector<std::string>> heard(std::chrono::milliseconds wait, int wake);

 private:
  friend class Run;
  struct FreeResult {
    void operator()(pg_result* result) const;
  };
  using ResultPointer = std::unique_ptr<pg_result, FreeResult>;

  Connection(pg_conn* handle, Milliseconds abandoned_after);
  Result<void> settle(Milliseconds abandoned_after);
  Result<ResultPointer> run_text(const char* sql, std::optional<std::chrono::seconds> patience);
  Result<ResultPointer> execute(const char* sql, std::span<const sql::Value> values);
  Result<ResultPointer> execute(sql::Sql sql, std::span<const sql::Value> values);
  Result<void> begin_call();
  Result<ResultPointer> finish_statement();
  Result<ResultPointer> finish(std::optional<std::chrono::seconds> patience);
  Error failure(const pg_result* result);

  pg_conn* handle_;
  const std::chrono::seconds copy_patience_;
  const std::string begin_;
  std::vector<std::string> notices_;
  std::int64_t changes_ = 0;
  bool owns_session_ = false;
  std::set<sql::Sql> prepared_;
  bool broken_ = false;
  bool collided_ = false;
};

}  // namespace waybill::storage::postgres
