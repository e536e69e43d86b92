#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jobs/job.h"
#include "jobs/status_board.h"
#include "package/file_tree.h"
#include "source/source.h"
#include "storage/store.h"
#include "worker/article_pipeline.h"
#include "worker/done_items.h"
#include "worker/indexer.h"
#include "worker/item_writer.h"
#include "worker/job_control.h"
#include "worker/job_log.h"
#include "worker/package_reading.h"
#include "worker/progress.h"
#include "worker/worker.h"

namespace waybill::worker {

/// Writes a job's end into the store: JobStore::end(), or what does more with it.
using EndJob = std::function<Result<jobs::Job>(const jobs::Job&, const jobs::Ending&)>;

/// One claimed job from its claim to its end, on the calling thread. See run_job() in worker.h.
class JobRun {
 public:
  JobRun(const jobs::Job& job, const Options& options, storage::Store& store, jobs::StatusBoard& board,
         Indexer& indexer, JobControl& control, EndJob end_job);

  /// Errors: lease_lost, and where not even the end could be written what the store says: then the lease runs
  /// out, and another run resumes.
  Result<jobs::Job> run();

 private:
  // The phases in their order. An error of theirs ends the job; `cancelled` by the control's reason.
  Result<void> work();
  Result<void> begin();
  Result<void> fetch();
  Result<void> read();
  Result<void> process_folders();
  Result<void> process_articles();
  Result<void> link();
  Result<void> index();
  /// All that an undo does in place of fetch() to link() (undo.cpp).
  Result<void> take_back();
  Result<void> load_done();

  Result<void> write_articles(ArticlePipeline& pipeline);
  using FindMany = Result<std::vector<std::optional<knowledge::Existing>>> (knowledge::KnowledgeBase::*)(
      const Department&, std::span<const std::string_view>);
  /// Folders, topics or portals, each after its check; what is there is looked up for many at once.
  template <typename Checked, typename Check>
  Result<void> add_hub_items(report::ItemKind kind, std::vector<Checked>& items, FindMany find, Check check);
  template <typename Checked>
  Result<void> add_hub_item(report::ItemKind kind, Checked& checked,
                            std::optional<knowledge::Existing> existing);
  /// Reports findings of the package; an error where they refuse it.
  /// What is not there any more, though this job has read it before, may come back: a mount that is away
  /// looks like that.
  Error gone(Error error) const;
  /// Why the job ends where there is no package to read.
  Result<void> no_package(validation::Findings& findings);
  Result<void> judge_package(validation::Findings& findings);
  void note_unused_files();

  // The end.
  Result<jobs::Job> finish(const Result<void>& done);
  jobs::Ending ending_of(const Result<void>& done);
  std::string closing_line(const jobs::Ending& ending);
  std::string cancelled_by();
  std::string how_far(bool several) const;
  Result<jobs::Job> close(jobs::Ending ending);
  void place_log(jobs::Ending& ending);
  std::string server_log_location() const;
  std::string subject() const;

  const jobs::Job job_;
  const std::uint64_t outages_before_;
  const Options& options_;
  storage::Store& store_;
  Indexer& indexer_;
  JobControl& control_;
  const EndJob end_job_;
  const Context& context_;
  Progress progress_;
  JobLog log_;
  ItemWriter writer_;

  std::unique_ptr<source::Source> source_;
  std::unique_ptr<package::FileTree> files_;
  validation::Findings opening_findings_;
  std::optional<PackageReading> package_;
  std::vector<bool> used_files_;  // by FileIndex
  DoneItems done_;                // of a repair: what earlier jobs have brought in
  bool far_side_away_ = false;    // as the error says that the run has ended with
};

}  // namespace waybill::worker
