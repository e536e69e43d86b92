#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "package/article_stream.h"
#include "worker/article_pipeline.h"
#include "worker/job_writer.h"

namespace waybill::worker {

/// One claimed job from its source to its end, in the stages that people see. Used once, by one thread.
class JobRun {
 public:
  JobRun(const jobs::Job& job, const Options& options, storage::Store& store, jobs::StatusBoard& board,
         Indexer& indexer, const Context& context);

  /// Errors: lease_lost, and the store's where not even the end could be written; then the lease runs out and
  /// the job is taken again.
  Result<jobs::Job> run();

 private:
  // Each stage returns an Error where the job cannot go on: cancelled where it was asked to stop.
  Result<void> stages();
  Result<void> fetch();
  Result<void> read_package();
  Result<void> read_manifest();
  Result<void> read_hub();
  Result<void> index_articles();
  void remark_on_members(const package::ArticleStream& stream);
  Result<void> process_folders();
  Result<void> process_articles();
  Result<void> link();
  Result<void> report_unused();
  Result<void> update_index();

  Result<void> refuse_if_found(std::size_t errors_before);
  void report_all(validation::Findings findings);
  /// Asked to stop, by the context or by the stop time.
  Result<void> check_stop();
  Result<void> brake();
  Result<std::optional<package::JsonDocument>> read_document(package::FileIndex file, std::uint64_t limit);

  Result<jobs::Job> end(const Result<void>& outcome);
  jobs::Ending ending_of(const Result<void>& outcome, report::LogEntry& last_line);
  void place_log(jobs::Ending& ending, const report::LogEntry& last_line);

  const jobs::Job& job_;
  const Options& options_;
  storage::Store& store_;
  const Context& context_;
  const Clock& clock_;
  JobWriter writer_;
  Indexer& indexer_;

  std::unique_ptr<source::Source> source_;
  std::unique_ptr<package::FileTree> files_;
  std::optional<validation::Manifest> manifest_;
  std::optional<package::JsonDocument> manifest_document_;
  validation::Hub hub_;
  std::string articles_file_;  // path of articles.json; empty where there is none
  PackageIndex index_;
  std::unique_ptr<PackageKnown> known_;
  std::unique_ptr<ArticleChecker> checker_;
  std::int64_t skip_ = 0;  // items done by an earlier run
  std::size_t package_errors_ = 0;
  std::string first_error_;
  std::chrono::nanoseconds brake_from_{0};
  std::int64_t braked_items_ = 0;
};

}  // namespace waybill::worker
