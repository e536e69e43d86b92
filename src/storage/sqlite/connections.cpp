#include "storage/sqlite/connections.h"

namespace waybill::storage::sqlite {

namespace {

constexpr std::size_t kReaders = 4;
constexpr ConnectionOptions kReaderOptions{.read_only = true, .cache_kibibytes = 8192};
// A health check does not wait longer than this for another process to finish writing.
constexpr Milliseconds kPingPatience{100};

}  // namespace

Result<Readers::Loan> Readers::take() {
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !free_.empty() || opened_ < most_; });
    if (!free_.empty()) {
      auto connection = std::move(free_.back());
      free_.pop_back();
      return Loan(*this, std::move(connection));
    }
    ++opened_;
  }
  auto connection = Connection::open(file_, options_);
  if (!connection) {
    const std::lock_guard lock(mutex_);
    --opened_;
    returned_.notify_one();
    return std::move(connection).error();
  }
  return Loan(*this, *std::move(connection));
}

void Readers::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(connection));
  returned_.notify_one();
}

Database::Database(std::filesystem::path file, std::unique_ptr<Connection> writer)
    : readers_(std::move(file), kReaderOptions, kReaders), writer_(std::move(writer)) {}

Result<void> Database::run_write(const Step& step) {
  return writer_.run(step);
}

Result<void> Database::run_read(const Step& step) {
  WB_TRY(auto reader, readers_.take());
  WB_TRY(auto transaction, Transaction::begin(*reader, Transaction::Kind::read));
  return step(*reader);
}

Result<void> Database::ping() {
  WB_CHECK_OK(read([](sql::Connection& reader) { return Query(reader, Sql::touch_jobs).run(); }));
  return writer_.ping(kPingPatience);
}

Result<bool> Database::look_for_damage(std::uint64_t most_bytes) {
  WB_TRY(auto reader, readers_.take());
  WB_TRY(const std::int64_t bytes,
         (*reader).read_integer("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"));
  if (static_cast<std::uint64_t>(bytes) > most_bytes) return true;
  WB_CHECK_OK((*reader).check_for_damage());
  return false;
}

}  // namespace waybill::storage::sqlite
