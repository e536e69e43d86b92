#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/hash.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "storage/notice.h"
#include "storage/sql/statements.h"

namespace waybill::storage::sql {

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

/// A value of a statement: NULL, a number, a text or bytes. Texts and bytes are views.
using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view, Blob>;

inline Value value(const Value& given) {
  return given;
}
inline Value value(std::nullptr_t) {
  return nullptr;
}
inline Value value(std::int64_t number) {
  return number;
}
inline Value value(int number) {
  return static_cast<std::int64_t>(number);
}
inline Value value(std::string_view text) {
  return text;
}
inline Value value(const std::string& text) {
  return std::string_view(text);
}
inline Value value(const char* text) {
  return std::string_view(text);
}
inline Value value(Blob bytes) {
  return bytes;
}
inline Value value(const Sha256& hash) {
  return blob(hash);
}
inline Value value(const JobId& id) {
  return blob(id);
}
inline Value value(const Department& department) {
  return std::string_view(department.value());
}
inline Value value(const ClientId& client) {
  return std::string_view(client.value());
}
inline Value value(const KnowledgeId& id) {
  return id.value();
}
inline Value value(const Epoch& epoch) {
  return epoch.value();
}
inline Value value(Time time) {
  return to_integer(time);
}
template <typename T>
Value value(const std::optional<T>& given) {
  return given ? value(*given) : Value(nullptr);
}

/// The rows that one run of a statement gives. A failure to prepare or bind shows at the first step. Views of
/// a row live until the next step.
class Rows {
 public:
  virtual ~Rows() = default;
  /// True where there is a row.
  virtual Result<bool> step() = 0;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // text or bytes
};

/// A database connection as the stores of this folder use it. One thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  /// The values are copied; what they show must outlive the rows.
  virtual std::unique_ptr<Rows> start(Sql sql, std::span<const Value> values) = 0;
  /// Rows that the last statement changed.
  virtual std::int64_t changes() const = 0;
  /// Tells the other processes when this transaction has committed; nothing where the database has but one.
  virtual Result<void> announce(const Notice&) { return {}; }

 protected:
  Connection() = default;
};

/// One run of a statement with its values: step through the rows, or run it to its end. The bound texts and
/// blobs must outlive it.
class Query {
 public:
  template <typename... Values>
  Query(Connection& connection, Sql sql, const Values&... values) {
    const Value bound[] = {value(values)..., nullptr};  // never empty
    rows_ = connection.start(sql, std::span(bound, sizeof...(values)));
  }

  /// True where there is a row. Errors: those of the database.
  Result<bool> step() { return rows_->step(); }
  /// To the end, whatever rows there are.
  Result<void> run();

  std::int64_t integer(int column) const { return rows_->integer(column); }
  std::optional<std::int64_t> optional_integer(int column) const;
  bool is_null(int column) const { return rows_->is_null(column); }
  double real(int column) const { return rows_->real(column); }
  std::string_view text(int column) const { return rows_->text(column); }  // text or bytes
  std::string string(int column) const { return std::string(text(column)); }
  Time time(int column) const { return to_time(integer(column)); }
  std::optional<Time> optional_time(int column) const;
  Sha256 hash(int column) const;   // zeros where it is not 32 bytes long
  JobId job_id(int column) const;  // zeros where it is not 16 bytes long

 private:
  std::unique_ptr<Rows> rows_;
};

/// A database as the stores of this folder use it. Any thread.
class Database {
 public:
  virtual ~Database() = default;

  /// Runs `work(Connection&)`, which returns a Result, as one durable transaction: committed where it
  /// succeeds, undone where it fails. Where another node's transaction got into its way it is run again from
  /// the beginning, so it must not change anything but the database before it succeeds.
  template <typename Work>
  auto write(Work&& work) -> decltype(work(std::declval<Connection&>())) {
    return run(&Database::run_write, work);
  }

  /// write() of what is one statement: it needs no more to be a transaction. Where nobody knows whether it
  /// came through it fails as a commit does.
  template <typename Work>
  auto write_one(Work&& work) -> decltype(work(std::declval<Connection&>())) {
    return run(&Database::run_write_one, work);
  }

  /// Runs `work(Connection&)` to read.
  template <typename Work>
  auto read(Work&& work) -> decltype(work(std::declval<Connection&>())) {
    return run(&Database::run_read, work);
  }

 protected:
  using Step = std::function<Result<void>(Connection&)>;
  virtual Result<void> run_write(const Step& step) = 0;
  virtual Result<void> run_write_one(const Step& step) { return run_write(step); }
  virtual Result<void> run_read(const Step& step) = 0;

 private:
  template <typename Work>
  auto run(Result<void> (Database::*runner)(const Step&), Work& work)
      -> decltype(work(std::declval<Connection&>())) {
    std::optional<decltype(work(std::declval<Connection&>()))> result;
    auto done = (this->*runner)([&](Connection& connection) -> Result<void> {
      result.emplace(work(connection));
      if (!*result) return result->error();
      return {};
    });
    if (!done) return std::move(done).error();
    return *std::move(result);
  }
};

}  // namespace waybill::storage::sql
