#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/result.h"
#include "storage/sqlite/database.h"

namespace waybill::storage::sqlite {

/// Connections that read one file, opened as they are needed, lent to one thread each. Any thread.
class Readers {
 public:
  Readers(std::filesystem::path file, ConnectionOptions options, std::size_t most)
      : file_(std::move(file)), options_(options), most_(most) {}

  /// A connection that goes back by itself.
  class Loan {
   public:
    Loan(Readers& readers, std::unique_ptr<Connection> connection)
        : readers_(&readers), connection_(std::move(connection)) {}
    ~Loan() {
      if (connection_) readers_->give_back(std::move(connection_));
    }
    Loan(Loan&&) noexcept = default;
    Loan& operator=(Loan&&) = delete;
    Connection& operator*() { return *connection_; }

   private:
    Readers* readers_;
    std::unique_ptr<Connection> connection_;
  };

  /// Waits while all are lent. Errors: those of database_error.
  Result<Loan> take();

 private:
  void give_back(std::unique_ptr<Connection> connection);

  const std::filesystem::path file_;
  const ConnectionOptions options_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> free_;
  std::size_t opened_ = 0;
};

/// waybill.db as the stores of this module see it: one writer, a few readers. Any thread.
class Database {
 public:
  Database(std::filesystem::path file, std::unique_ptr<Connection> writer);

  /// Runs `work(Connection&)`, which returns a Result, as one durable transaction: committed where it
  /// succeeds, undone where it fails. One at a time.
  template <typename Work>
  auto write(Work&& work) -> decltype(work(std::declval<Connection&>())) {
    const std::lock_guard lock(writer_mutex_);
    WB_TRY(auto transaction, Transaction::begin(*writer_, Transaction::Kind::write));
    auto result = work(*writer_);
    if (result) WB_CHECK_OK(transaction->commit());
    return result;
  }

  /// Runs `work(Connection&)` on a reader, in one snapshot of the database.
  template <typename Work>
  auto read(Work&& work) -> decltype(work(std::declval<Connection&>())) {
    WB_TRY(auto reader, readers_.take());
    WB_TRY(auto transaction, Transaction::begin(*reader, Transaction::Kind::read));
    return work(*reader);
  }

  /// Reads a little, and takes the write lock where that is free; a writer at work is a good sign, too.
  Result<void> ping();

  /// As SqliteStore::look_for_damage().
  Result<bool> look_for_damage(std::uint64_t most_bytes);

 private:
  Readers readers_;
  std::mutex writer_mutex_;
  std::unique_ptr<Connection> writer_;
};

}  // namespace waybill::storage::sqlite
