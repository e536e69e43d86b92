#include "storage/postgres/database.h"

#include <thread>
#include <utility>

namespace waybill::storage::postgres {

namespace {

// All connections are lent for longer than this only where the database hangs.
constexpr std::chrono::seconds kTurnPatience{30};
// A restart takes a second or two: nobody need notice. A longer outage is told.
constexpr std::chrono::seconds kRestartPatience{4};
constexpr std::chrono::milliseconds kBetweenTries{100};

}  // namespace

Database::Database(std::string url, std::size_t most_connections, Milliseconds abandoned_after)
    : url_(std::move(url)),
      most_(most_connections),
      abandoned_after_(abandoned_after),
      teller_([this](const auto& notices) { tell(notices); }) {}

Result<Database::Lent> Database::take() {
  {
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, kTurnPatience, [this] { return !free_.empty() || open_ < most_; })) {
      return Error{ErrorCode::unavailable, "all connections to the database are at work: try again"};
    }
    while (!free_.empty()) {
      auto connection = std::move(free_.back());
      free_.pop_back();
      // The server was restarted while it lay idle.
      if (connection->hung_up()) {
        --open_;
        continue;
      }
      return Lent{std::move(connection), true};
    }
    ++open_;
  }
  auto connection = Connection::open(url_, abandoned_after_);
  if (!connection) {
    give_back(nullptr);
    return std::move(connection).error();
  }
  return Lent{*std::move(connection), false};
}

Result<Database::Lent> Database::take_patiently() {
  const auto until = std::chrono::steady_clock::now() + kRestartPatience;
  for (;;) {
    auto lent = take();
    const bool away = !lent && lent.error().code == ErrorCode::unavailable;
    if (!away || std::chrono::steady_clock::now() >= until) return lent;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

Error Database::counted(Error error) {
  if (error.code == ErrorCode::unavailable) ++outages_;
  return error;
}

void Database::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (connection && !connection->broken()) {
    free_.push_back(std::move(connection));
  } else {
    --open_;
  }
  returned_.notify_one();
}

Result<void> Database::run_read(const Step& step) {
  for (;;) {
    auto lent = take_patiently();
    if (!lent) return counted(std::move(lent).error());
    auto result = step(*lent->connection);
    const bool lost = lent->connection->broken();
    give_back(std::move(lent->connection));
    // The database was restarted while the connection lay idle; those like it are given up one by one.
    if (!result && lost && lent->used_before) continue;
    if (!result) return counted(std::move(result).error());
    return result;
  }
}

Result<Database::Outcome> Database::try_write(const Step& step, bool last_try) {
  WB_TRY(Lent lent, take_patiently());
  Connection& connection = *lent.connection;
  auto result = connection.begin();
  bool again = !result && connection.broken() && lent.used_before;
  if (result) {
    result = step(connection);
    if (result) {
      // From here on nobody knows what became of it where the connection is lost, so it is not tried again.
      result = connection.commit();
      again = !result && connection.collided();
      if (result) teller_.tell(connection.take_notices());
    } else {
      again = connection.collided() || (connection.broken() && lent.used_before);
      connection.rollback();
    }
  }
  give_back(std::move(lent.connection));
  if (again && !last_try) return Outcome::again;
  if (!result) return std::move(result).error();
  return Outcome::done;
}

Result<void> Database::run_write(const Step& step) {
  for (int left = Connection::kCollisions + static_cast<int>(most_);; --left) {
    const auto outcome = try_write(step, left == 0);
    if (!outcome) return counted(outcome.error());
    if (*outcome == Outcome::done) return {};
  }
}

Result<void> Database::run_write_one(const Step& step) {
  for (int left = Connection::kCollisions;; --left) {
    auto lent = take_patiently();
    if (!lent) return counted(std::move(lent).error());
    auto result = step(*lent->connection);
    const bool again = !result && lent->connection->collided() && left > 0;
    auto notices = lent->connection->take_notices();
    if (result) teller_.tell(std::move(notices));
    give_back(std::move(lent->connection));
    if (again) continue;
    if (!result) return counted(std::move(result).error());
    return result;
  }
}

void Database::tell(const std::vector<std::string>& notices) {
  auto lent = take();
  if (!lent) return;
  lent->connection->tell(notices);
  give_back(std::move(lent->connection));
}

Result<void> Database::ping() {
  WB_TRY(Lent lent, take());
  auto result = sql::Query(*lent.connection, sql::Sql::touch_jobs).run();
  const bool again = !result && lent.connection->broken() && lent.used_before;
  give_back(std::move(lent.connection));
  return again ? ping() : result;
}

}  // namespace waybill::storage::postgres
