#include "app/health_checks.h"

#include <string>

#include "base/files.h"

namespace waybill::app {

namespace {

using api::ComponentHealth;
using api::Health;

// Below these an import of ordinary size may fail, or will.
constexpr std::uintmax_t kFewBytes = 1ULL << 30;
constexpr std::uintmax_t kNoBytes = 64ULL << 20;
constexpr Milliseconds kBucketTime{2'000};
// So many rows behind, a search misses what has been imported a while ago.
constexpr std::int64_t kLongBacklog = 200'000;

ComponentHealth check_database(storage::Store& store) {
  const auto answer = store.ping();
  if (answer) return {"database", Health::healthy, ""};
  return {"database", Health::unhealthy, "The database does not answer: " + answer.error().message};
}

ComponentHealth check_file_system(const std::filesystem::path& folder) {
  std::error_code failed;
  const auto space = std::filesystem::space(folder, failed);
  if (failed) return {"fileSystem", Health::unhealthy, "The data folder cannot be reached."};
  const std::string left = std::to_string(space.available >> 20U) + " MiB are left for the data folder.";
  if (space.available < kNoBytes) return {"fileSystem", Health::unhealthy, left};
  if (space.available < kFewBytes) return {"fileSystem", Health::degraded, left};
  return {"fileSystem", Health::healthy, ""};
}

/// Without its bucket a server still answers for all but attachments, uploads and the jobs that need them.
ComponentHealth check_storage(const std::filesystem::path& folder, s3::Bucket* bucket) {
  const auto written = write_file_atomically(folder / "health-check", "ok\n", 0600);
  if (!written) {
    return {"storage", Health::unhealthy, "The data folder cannot be written to: " + written.error().message};
  }
  const auto reached = bucket == nullptr ? Result<void>() : bucket->ping(Context().with_timeout(kBucketTime));
  if (reached) return {"storage", Health::healthy, ""};
  return {"storage", Health::degraded,
          "The bucket of attachments and uploads cannot be used: " + reached.error().message};
}

ComponentHealth check_engine(storage::Store& store, const worker::Scheduler& scheduler) {
  if (!scheduler.alive()) return {"processingEngine", Health::unhealthy, "No worker takes jobs."};
  const auto backlog = store.index_backlog();
  if (backlog && *backlog > kLongBacklog) {
    return {"processingEngine", Health::degraded,
            "The search index is " + std::to_string(*backlog) + " rows behind what is imported."};
  }
  return {"processingEngine", Health::healthy, ""};
}

/// Nothing else outside of this machine is needed to serve.
ComponentHealth check_issuers(const auth::OutsideIssuers& issuers) {
  std::string problems;
  for (const auto& state : issuers.states()) {
    if (state.problem.empty()) continue;
    problems += (problems.empty() ? "" : " ") + ("The keys of " + state.issuer + " cannot be had: ") +
                state.problem + (state.keys > 0 ? " Those known stay good for now." : "");
  }
  return {"externalServices", problems.empty() ? Health::healthy : Health::degraded, problems};
}

}  // namespace

std::vector<api::HealthMonitor::Check> health_checks(storage::Store& store,
                                                     const worker::Scheduler& scheduler,
                                                     const auth::OutsideIssuers& issuers,
                                                     const std::filesystem::path& data_folder,
                                                     s3::Bucket* bucket) {
  return {
      [&store] { return check_database(store); },
      [data_folder] { return check_file_system(data_folder); },
      [&issuers] { return check_issuers(issuers); },
      [&store, &scheduler] { return check_engine(store, scheduler); },
      [data_folder, bucket] { return check_storage(data_folder, bucket); },
  };
}

}  // namespace waybill::app
