#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "storage/sqlite/database.h"

namespace waybill::storage::sqlite {

/// The one connection that writes a database. Steps that wait for it at the same time are committed together,
/// by one sync, each behind a savepoint of its own: one that fails takes nothing of the others with it. They
/// are taken in the order in which they come. Any thread.
class Writer {
 public:
  using Step = std::function<Result<void>(sql::Connection&)>;

  /// So many at most share a commit, so that the first does not wait for a crowd.
  static constexpr std::size_t kMostTogether = 64;

  explicit Writer(std::unique_ptr<Connection> connection);

  /// Returns once the step is durable, or undone. It may be run on another caller's thread, and twice: where
  /// those that share a commit could not be written, each is run again by itself. What it throws is thrown
  /// here. Errors: the step's, those of database_error.
  Result<void> run(const Step& step);

  /// Whether there may be written. Does not wait for another step, and for another process no longer than
  /// `patience`: either of them at work is a good sign.
  Result<void> ping(Milliseconds patience);

  /// How many steps wait now.
  std::size_t waiting();

 private:
  struct Waiting {
    const Step& step;
    Result<void> outcome;
    std::exception_ptr thrown;
    bool done = false;
  };

  void write_group();
  bool write_together();
  void write_alone(Waiting& one);
  bool write_behind_savepoint(Waiting& one);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> queue_;
  bool writing_ = false;  // somebody has what stands below
  std::vector<Waiting*> group_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace waybill::storage::sqlite
