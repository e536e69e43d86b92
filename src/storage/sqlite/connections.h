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
#include "storage/sqlite/writer.h"

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
class Database final : public sql::Database {
 public:
  Database(std::filesystem::path file, std::unique_ptr<Connection> writer);

  /// Reads a little, and takes the write lock where that is free; a writer at work is a good sign, too.
  Result<void> ping();

  /// As ServerStore::look_for_damage().
  Result<bool> look_for_damage(std::uint64_t most_bytes);

 protected:
  /// One after another, by one sync for those that wait at the same time.
  Result<void> run_write(const Step& step) override;
  /// On a reader, in one snapshot of the database.
  Result<void> run_read(const Step& step) override;

 private:
  Readers readers_;
  Writer writer_;
};

}  // namespace waybill::storage::sqlite
