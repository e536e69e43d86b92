#include "storage/sqlite/writer.h"

#include <algorithm>
#include <utility>

namespace waybill::storage::sqlite {

Writer::Writer(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {
  group_.reserve(kMostTogether);
}

Result<void> Writer::run(const Step& step) {
  Waiting own{step, {}, nullptr};
  {
    std::unique_lock lock(mutex_);
    queue_.push_back(&own);
    changed_.wait(lock, [&] { return own.done || (!writing_ && queue_.front() == &own); });
    if (!own.done) {
      // Whoever is first writes for all that have gathered while another wrote.
      const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMostTogether));
      group_.assign(queue_.begin(), end);
      queue_.erase(queue_.begin(), end);
      writing_ = true;
      lock.unlock();
      write_group();
      lock.lock();
      for (Waiting* one : group_) one->done = true;
      writing_ = false;
      changed_.notify_all();
    }
  }
  if (own.thrown) std::rethrow_exception(own.thrown);
  return std::move(own.outcome);
}

Result<void> Writer::ping(Milliseconds patience) {
  const std::lock_guard lock(mutex_);
  if (writing_ || !queue_.empty()) return {};
  connection_->set_busy_timeout(patience);
  auto transaction = Transaction::begin(*connection_, Transaction::Kind::write);
  connection_->set_busy_timeout(Connection::kBusyTimeout);
  // Busy: another process writes, so writing works.
  if (!transaction && transaction.error().code != ErrorCode::unavailable) return transaction.error();
  return {};
}

std::size_t Writer::waiting() {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Writer::write_group() {
  if (group_.size() > 1 && write_together()) return;
  for (Waiting* one : group_) write_alone(*one);
}

/// False where nothing of the group was written.
bool Writer::write_together() {
  try {
    auto transaction = Transaction::begin(*connection_, Transaction::Kind::write);
    if (!transaction) {
      for (Waiting* one : group_) one->outcome = transaction.error();
      return true;  // and has been told
    }
    for (Waiting* one : group_) {
      if (!write_behind_savepoint(*one)) return false;
    }
    return (*transaction)->commit().ok();
  } catch (const std::exception&) {  // no memory
    return false;
  }
}

/// False where the transaction cannot go on, as where SQLite has rolled it back by itself.
bool Writer::write_behind_savepoint(Waiting& one) {
  if (!Query(*connection_, Sql::begin_step).run()) return false;
  try {
    one.outcome = one.step(*connection_);
  } catch (...) {
    one.thrown = std::current_exception();
  }
  if ((one.thrown || !one.outcome) && !Query(*connection_, Sql::undo_step).run()) return false;
  return Query(*connection_, Sql::end_step).run().ok();
}

void Writer::write_alone(Waiting& one) {
  one.thrown = nullptr;
  try {
    one.outcome = [&]() -> Result<void> {
      WB_TRY(auto transaction, Transaction::begin(*connection_, Transaction::Kind::write));
      WB_CHECK_OK(one.step(*connection_));
      return transaction->commit();
    }();
  } catch (...) {
    one.thrown = std::current_exception();
  }
}

}  // namespace waybill::storage::sqlite
