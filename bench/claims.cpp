// Jobs with nothing to do, on PostgreSQL: takes them and ends them by the calls that a server's scheduler
// makes, several workers side by side. Prints seconds for all of them, from the first claim to the last end.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "jobs/job_store.h"
#include "packed.h"
#include "storage/blobs/local_blobs.h"
#include "storage/postgres/postgres_store.h"
#include "storage/server_store.h"

namespace waybill::bench {

namespace {

constexpr int kMakers = 16;

template <typename T>
T value_or_give_up(Result<T> result) {
  if (!result) give_up(result.error().message);
  return std::move(result).value();
}

/// Imports, each in a department of its own: the rule of one import a department is looked at, and holds none
/// up.
void make_jobs(storage::ServerStore& store, int count) {
  std::atomic<int> next{0};
  const auto make = [&] {
    for (int i = next++; i < count; i = next++) {
      jobs::Job job;
      job.id = JobId(Uuid::random());
      job.department = Department("department " + std::to_string(i));
      job.client = ClientId("bench");
      job.source.type = jobs::SourceType::shared_path;
      job.source.path = "file:///srv/packages/package.zip";
      job.created = job.due = store.clock().now();
      value_or_give_up(store.jobs().create(job, std::nullopt));
    }
  };
  std::vector<std::thread> makers;
  for (int i = 0; i < kMakers; ++i) makers.emplace_back(make);
  for (auto& maker : makers) maker.join();
}

/// Takes all jobs and ends them, as a server's scheduler does: one thread takes jobs for the places that are
/// free, and each end takes its worker's next one.
class Node {
 public:
  Node(storage::ServerStore& store, int workers) : store_(store), limits_{.running_jobs = workers} {}

  /// Returns how many there were.
  int run() {
    for (;;) {
      fill_free_places();
      std::unique_lock lock(mutex_);
      if (!woken_ && busy_ == 0) break;
      changed_.wait(lock, [this] { return woken_; });
      woken_ = false;
    }
    for (auto& thread : threads_) thread.join();
    return done_;
  }

 private:
  void fill_free_places() {
    for (;;) {
      {
        const std::lock_guard lock(mutex_);
        if (busy_ == limits_.running_jobs) return;
      }
      auto job = value_or_give_up(store_.jobs().claim(now(), kOwner, limits_));
      if (!job) return;
      const std::lock_guard lock(mutex_);
      ++busy_;
      threads_.emplace_back([this, first = *std::move(job)]() mutable { work(std::move(first)); });
    }
  }

  void work(std::optional<jobs::Job> job) {
    int done = 0;
    for (; job; ++done) {
      const jobs::Ending ending{jobs::Event::finish, now(), {}, false, {}};
      job = value_or_give_up(store_.jobs().end_and_claim(job->id, job->epoch, ending, now(), kOwner, limits_))
                .next;
    }
    const std::lock_guard lock(mutex_);
    done_ += done;
    --busy_;
    woken_ = true;
    changed_.notify_one();
  }

  Time now() const { return store_.clock().now(); }

  inline static const std::string kOwner = "bench";
  storage::ServerStore& store_;
  const jobs::ClaimLimits limits_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int busy_ = 0;
  int done_ = 0;
  bool woken_ = false;
};

void claim_all(const char* url, const char* folder, int count, int workers) {
  storage::PostgresOptions options;
  options.url = url;
  options.connections = static_cast<std::size_t>(std::max(workers, kMakers));
  options.key_file = std::string(folder) + "/master.key";
  const auto store = value_or_give_up(storage::open_postgres(
      options, std::make_unique<storage::LocalBlobStore>(std::string(folder) + "/blobs"), system_clock()));
  make_jobs(*store, count);
  Node node(*store, workers);
  const double start = seconds();
  const int done = node.run();
  const double took = seconds() - start;
  if (done != count) give_up(std::to_string(done) + " jobs were taken, not all");
  std::printf("%.6f\n", took);
}

}  // namespace

}  // namespace waybill::bench

int main(int argc, char** argv) {
  if (argc != 5) waybill::bench::give_up("usage: URL FOLDER JOBS WORKERS");
  waybill::bench::claim_all(argv[1], argv[2], std::atoi(argv[3]), std::atoi(argv[4]));
  return 0;
}
