#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "base/files.h"
#include "storage/notice.h"
#include "storage/postgres/database_clock.h"

namespace waybill::storage::postgres {

/// Hears what the nodes announce, on a thread and a connection of its own, and keeps the clock right. The one
/// connection that keeps something in its session (LISTEN): behind pgbouncer in transaction mode it hears
/// nothing, and everyone looks for himself, only later.
class Listener {
 public:
  /// `clock` outlives it, and is left alone where it is null.
  Listener(std::string url, DatabaseClock* clock, std::function<void(const Notice&)> heard);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  void run();
  Result<void> listen();

  const std::string url_;
  DatabaseClock* const clock_;
  const std::function<void(const Notice&)> heard_;
  FileDescriptor wake_;  // eventfd: readable once it is to stop
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace waybill::storage::postgres
