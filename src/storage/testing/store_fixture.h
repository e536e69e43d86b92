#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "storage/article_content.h"
#include "storage/packed.h"
#include "storage/server_store.h"

namespace waybill::storage {

enum class DatabaseKind { sqlite, postgres };

/// A database of one kind that a test has to itself: empty at first, and gone with it.
class TestDatabase {
 public:
  virtual ~TestDatabase() = default;
  /// Where it keeps its files; of PostgreSQL only the master key.
  virtual std::filesystem::path folder() const = 0;
  /// May be called more than once: that many processes.
  virtual Result<std::unique_ptr<ServerStore>> open(const Clock& clock) = 0;
  /// As it was at first. No store is open.
  virtual void clear() = 0;
  /// The first column of the first row of a statement that both kinds understand.
  virtual std::int64_t read_integer(const std::string& sql) = 0;
  /// Every row of the knowledge base as a line, but for the job that wrote it.
  virtual std::string dump() = 0;
  /// Bytes as a literal of its SQL.
  virtual std::string literal(std::string_view bytes) const = 0;
  /// Whether the jobs as they are stored have this text in them.
  virtual bool jobs_hold(const std::string& text) = 0;
};

/// Null where that kind is not installed.
std::unique_ptr<TestDatabase> make_test_database(DatabaseKind kind);

/// Blobs that the store only hands on.
class NoBlobs final : public BlobStore {
 public:
  Result<void> put(const Sha256&, std::string_view, const Context&) override { return {}; }
  Result<void> sync() override { return {}; }
  Result<std::string> get(const Sha256&) override { return Error{ErrorCode::not_found, "no blobs here"}; }
};

inline const Department kSales{"sales"};
inline const Department kLegal{"legal"};

inline knowledge::Change change(knowledge::Item item) {
  knowledge::Change made;
  made.fingerprint = knowledge::fingerprint(item);
  if (const auto* article = std::get_if<knowledge::Article>(&item))
    made.content = content_of(*article, pack(article->body));
  made.item = std::move(item);
  return made;
}

inline knowledge::Article article(std::string folder, std::string name, std::string text = "plain text") {
  knowledge::Article made;
  made.folder = std::move(folder);
  made.name = std::move(name);
  made.language = "en-US";
  made.body = "<p>" + text + "</p>";
  made.text = std::move(text);
  return made;
}

/// A store of a database of its own, at 2024-03-01T10:00:00Z until told otherwise.
class StoreFixture : public testing::Test {
 protected:
  void use(DatabaseKind kind) {
    database_ = make_test_database(kind);
    if (!database_) GTEST_SKIP() << "PostgreSQL is not installed";
    reopen();
  }
  void TearDown() override { store_.reset(); }

  void reopen() {
    store_.reset();
    auto opened = database_->open(clock_);
    ASSERT_TRUE(opened.ok()) << opened.error().message << " / " << opened.error().detail;
    store_ = *std::move(opened);
  }

  jobs::Job new_job(const Department& department = kSales, jobs::JobType type = jobs::JobType::import) const {
    jobs::Job job;
    job.id = JobId(Uuid::random());
    job.department = department;
    job.client = ClientId("client-1");
    job.type = type;
    job.source.path = "file:///srv/package.zip";
    job.created = clock_.now();
    job.due = clock_.now();
    return job;
  }

  jobs::Job add_job(const jobs::Job& job) {
    const auto created = store_->jobs().create(job, std::nullopt);
    EXPECT_TRUE(created.ok());
    return job;
  }

  std::optional<jobs::Job> claim(const std::string& owner = "worker-1", jobs::ClaimLimits limits = {}) {
    auto claimed = store_->jobs().claim(clock_.now(), owner, limits);
    EXPECT_TRUE(claimed.ok()) << claimed.error().message << " / " << claimed.error().detail;
    return claimed.ok() ? *claimed : std::nullopt;
  }

  /// A job of this department that worker-1 holds.
  jobs::Job running_job(const Department& department = kSales) {
    add_job(new_job(department));
    auto job = claim();
    EXPECT_TRUE(job.has_value());
    return job.value_or(jobs::Job{});
  }

  Batch batch_of(const jobs::Job& job, std::vector<knowledge::Change> changes = {}) const {
    Batch batch;
    batch.job = job.id;
    batch.epoch = job.epoch;
    batch.department = job.department;
    batch.now = clock_.now();
    batch.changes = std::move(changes);
    return batch;
  }

  /// Writes items as an import of the department does, start to end.
  void import_items(const Department& department, std::vector<knowledge::Item> items,
                    std::size_t batch_items = 500) {
    const jobs::Job job = running_job(department);
    std::vector<knowledge::Change> changes;
    const auto commit = [&] {
      const auto committed = store_->commit(batch_of(job, std::exchange(changes, {})));
      ASSERT_TRUE(committed.ok()) << committed.error().message << " / " << committed.error().detail;
    };
    for (knowledge::Item& item : items) {
      changes.push_back(change(std::move(item)));
      if (changes.size() == batch_items) commit();
    }
    commit();
    ASSERT_TRUE(
        store_->jobs().end(job.id, job.epoch, {jobs::Event::finish, clock_.now(), "", false, ""}).ok());
  }

  void index_all() {
    while (true) {
      const auto caught_up = store_->index_some(100);
      ASSERT_TRUE(caught_up.ok()) << caught_up.error().message << " / " << caught_up.error().detail;
      if (*caught_up) return;
    }
  }

  FakeClock clock_{*parse_time("2024-03-01T10:00:00Z")};
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<ServerStore> store_;
};

/// Its tests run on each kind of database: WAYBILL_ON_EACH_DATABASE(TheFixture) stands behind them.
class StoreTest : public StoreFixture, public testing::WithParamInterface<DatabaseKind> {
 protected:
  void SetUp() override { use(GetParam()); }
};

#define WAYBILL_ON_EACH_DATABASE(Fixture)                                                                    \
  INSTANTIATE_TEST_SUITE_P(Database, Fixture, testing::Values(DatabaseKind::sqlite, DatabaseKind::postgres), \
                           [](const auto& one) {                                                             \
                             return std::string(one.param == DatabaseKind::sqlite ? "sqlite" : "postgres");  \
                           })

}  // namespace waybill::storage
