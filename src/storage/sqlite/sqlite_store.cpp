#include "storage/sqlite/sqlite_store.h"

#include <system_error>

#include "base/hash.h"
#include "storage/sqlite/clients.h"
#include "storage/sqlite/connections.h"
#include "storage/sqlite/items.h"
#include "storage/sqlite/jobs.h"
#include "storage/sqlite/knowledge_read.h"
#include "storage/sqlite/knowledge_undo.h"
#include "storage/sqlite/knowledge_write.h"
#include "storage/sqlite/migrate.h"
#include "storage/sqlite/reports.h"
#include "storage/sqlite/search_index.h"

namespace waybill::storage {

namespace sqlite {

namespace {

constexpr ConnectionOptions kWriterOptions{.read_only = false, .full_sync = true, .cache_kibibytes = 32768};

// A sealed word in the database: opens with the right master.key alone.
constexpr std::string_view kKeyCheckName = "key_check";
constexpr std::string_view kKeyCheckWord = "waybill";
// 16 random bytes that tell databases apart.
constexpr std::string_view kDatabaseIdName = "database_id";

Result<std::optional<std::string>> get_value(Connection& connection, std::string_view name) {
  Query query(connection, Sql::get_server_value, name);
  WB_TRY(const bool row, query.step());
  return row ? std::optional(query.string(0)) : std::nullopt;
}

Result<void> set_value(Connection& connection, std::string_view name, std::string_view value) {
  return Query(connection, Sql::set_server_value, name, Blob{value}).run();
}

Result<std::string> database_id(Connection& writer) {
  WB_TRY(const auto id, get_value(writer, kDatabaseIdName));
  if (id) return *id;
  const std::string made = random_bytes(16);
  WB_CHECK_OK(set_value(writer, kDatabaseIdName, made));
  return made;
}

Result<Sealer> load_or_create(const std::filesystem::path& key_file) {
  auto sealer = Sealer::load(key_file);
  if (sealer || sealer.error().code != ErrorCode::not_found) return sealer;
  auto created = Sealer::create(key_file);
  // Another process was first.
  if (!created && created.error().code == ErrorCode::already_exists) return Sealer::load(key_file);
  return created;
}

/// The master key that belongs to the database; a new one for a new database.
Result<Sealer> open_sealer(Connection& writer, const std::filesystem::path& key_file) {
  WB_TRY(const auto check, get_value(writer, kKeyCheckName));
  if (!check) {
    WB_TRY(Sealer sealer, load_or_create(key_file));
    WB_CHECK_OK(set_value(writer, kKeyCheckName, sealer.seal(kKeyCheckWord, kKeyCheckName)));
    return sealer;
  }
  auto sealer = Sealer::load(key_file);
  if (!sealer && sealer.error().code == ErrorCode::not_found) {
    return Error{ErrorCode::not_found,
                 "the key file " + key_file.string() +
                     " is gone, and the database beside it was made with it: put it back"};
  }
  if (sealer && !sealer->open(*check, kKeyCheckName)) {
    return Error{ErrorCode::corrupt,
                 "the key file " + key_file.string() +
                     " does not belong to the database beside it: put back the one it was made with"};
  }
  return sealer;
}

class StoreInFolder final : public SqliteStore {
 public:
  StoreInFolder(std::unique_ptr<Database> database, std::unique_ptr<SearchIndex> index, Sealer sealer,
                std::unique_ptr<BlobStore> blobs, const Clock& clock)
      : database_(std::move(database)),
        index_(std::move(index)),
        sealer_(std::move(sealer)),
        blobs_(std::move(blobs)),
        jobs_(*database_, sealer_, clock),
        knowledge_(*database_, *index_),
        reports_(*database_),
        items_(*database_),
        clients_(*database_) {}

  jobs::JobStore& jobs() override { return jobs_; }
  knowledge::KnowledgeBase& knowledge() override { return knowledge_; }
  report::ReportStore& reports() override { return reports_; }
  ItemStore& items() override { return items_; }
  BlobStore& blobs() override { return *blobs_; }
  auth::ClientStore& clients() override { return clients_; }
  const Sealer& sealer() const override { return sealer_; }

  Result<void> commit(const Batch& batch) override;
  Result<bool> index_some(std::size_t max_rows) override { return index_->index_some(max_rows); }
  Result<std::int64_t> index_backlog() override { return index_->backlog(); }
  Result<void> ping() override { return database_->ping(); }
  Result<bool> look_for_damage(std::uint64_t most_bytes) override {
    return database_->look_for_damage(most_bytes);
  }

 private:
  std::unique_ptr<Database> database_;
  std::unique_ptr<SearchIndex> index_;
  Sealer sealer_;
  std::unique_ptr<BlobStore> blobs_;
  Jobs jobs_;
  KnowledgeReader knowledge_;
  Reports reports_;
  Items items_;
  Clients clients_;
};

/// What a batch has to know of its job's row.
struct OwnedJob {
  std::int64_t number = 0;
  std::int64_t last_entry = 0;
};

Result<OwnedJob> owned_job(Connection& writer, const Batch& batch) {
  Query query(writer, Sql::job_for_commit, batch.job);
  WB_TRY(const bool row, query.step());
  if (!row || query.integer(1) != batch.epoch.value() ||
      static_cast<jobs::State>(query.integer(2)) != jobs::State::in_progress) {
    return Error{ErrorCode::lease_lost, "the lease on job " + to_string(batch.job) +
                                            " is another worker's now: nothing was written"};
  }
  if (query.text(4) != batch.department.value()) {
    return Error{ErrorCode::internal, "a batch was meant for another department than its job's"};
  }
  return OwnedJob{query.integer(0), query.integer(3)};
}

Result<void> write_batch(Connection& writer, const Batch& batch) {
  WB_TRY(OwnedJob job, owned_job(writer, batch));
  const Origin origin{batch.job, batch.department, batch.now};
  WB_TRY(const std::vector<KnowledgeId> ids, write_changes(writer, origin, batch.changes));
  WB_CHECK_OK(apply_reversals(writer, origin, batch.reversals));
  for (const Batch::Record& record : batch.records) {
    std::optional<KnowledgeId> id = record.item.id;
    if (record.change) id = ids.at(*record.change);
    WB_CHECK_OK(write_item(writer, job.number, record.item, id));
  }
  for (const WouldBe& content : batch.contents) WB_CHECK_OK(write_content(writer, job.number, content));
  for (const report::LogEntry& entry : batch.entries) {
    WB_CHECK_OK(write_entry(writer, job.number, ++job.last_entry, entry));
  }
  return Query(writer, Sql::advance_job, job.number, static_cast<int>(batch.phase), batch.total,
               batch.counts.successful, batch.counts.warnings, batch.counts.errors, batch.position,
               batch.source_version, batch.log_location, job.last_entry)
      .run();
}

Result<void> StoreInFolder::commit(const Batch& batch) {
  return database_->write([&](Connection& writer) { return write_batch(writer, batch); });
}

}  // namespace

}  // namespace sqlite

Result<std::unique_ptr<sqlite::SqliteStore>> open_sqlite(const std::filesystem::path& folder,
                                                         std::unique_ptr<BlobStore> blobs,
                                                         const Clock& clock) {
  using namespace sqlite;
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return errno_error("cannot make the folder " + folder.string(), failure.value());

  const std::filesystem::path file = folder / "waybill.db";
  WB_TRY(auto writer, Connection::open(file, kWriterOptions));
  WB_CHECK_OK(migrate(*writer, migrations(), file));
  auto database = std::make_unique<Database>(file, std::move(writer));
  // In one transaction, so that two processes that start at once agree.
  WB_TRY(const std::string id,
         database->write([](Connection& connection) { return database_id(connection); }));
  WB_TRY(Sealer sealer, database->write([&](Connection& connection) {
    return open_sealer(connection, folder / "master.key");
  }));
  WB_TRY(auto index, SearchIndex::open(folder / "search.db", *database, id));
  return std::unique_ptr<SqliteStore>(std::make_unique<StoreInFolder>(
      std::move(database), std::move(index), std::move(sealer), std::move(blobs), clock));
}

}  // namespace waybill::storage
