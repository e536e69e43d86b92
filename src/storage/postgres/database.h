#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/teller.h"

namespace waybill::storage::postgres {

/// A bounded number of connections, opened as they are needed, each lent to one thread. Any thread.
class Database final : public sql::Database {
 public:
  Database(std::string url, std::size_t most_connections,
           Milliseconds abandoned_after = Connection::kAbandoned);

  /// Whether a statement can be run. Errors: unavailable and those of Connection.
  Result<void> ping();
  const std::string& url() const { return url_; }
  /// As Store::outages().
  std::uint64_t outages() const { return outages_.load(); }

 protected:
  /// READ COMMITTED: what must not change between two looks is locked by its statement. Where the connection
  /// is lost before the commit was sent, or another transaction got into the way, all is run again.
  Result<void> run_write(const Step& step) override;
  Result<void> run_write_one(const Step& step) override;
  /// Each statement sees what is committed when it starts.
  Result<void> run_read(const Step& step) override;

 private:
  struct Lent {
    std::unique_ptr<Connection> connection;
    bool used_before = false;
  };
  Result<Lent> take();
  /// take(), tried again for a while where the database is being restarted.
  Result<Lent> take_patiently();
  Error counted(Error error);
  void give_back(std::unique_ptr<Connection> connection);
  void tell(const std::vector<std::string>& notices);
  enum class Outcome { done, again };
  Result<Outcome> try_write(const Step& step, bool last_try);

  const std::string url_;
  const std::size_t most_;
  const Milliseconds abandoned_after_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> free_;
  std::size_t open_ = 0;
  std::atomic<std::uint64_t> outages_{0};
  Teller teller_;  // the last member: it uses the others until its thread has ended
};

}  // namespace waybill::storage::postgres
