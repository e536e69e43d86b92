// How a run ends: the other half of JobRun.
#include <utility>

#include "base/text.h"
#include "worker/article_pipeline.h"
#include "worker/job_run.h"

namespace waybill::worker {

using jobs::Event;
using report::Level;

namespace {

constexpr std::size_t kErrorBytes = 1'024;  // contract, section 2: `error`
constexpr Milliseconds kPlaceLogTime{60'000};
/// Where somebody waits for the end of a cancelled job, or the far side was away a moment ago.
constexpr Milliseconds kPlaceLogSoon{5'000};

Error lost(const jobs::Job& job) {
  return {ErrorCode::lease_lost, "Another worker owns the job " + to_string(job.id) + " now."};
}

std::string results_of(const jobs::Counts& counts) {
  return std::to_string(counts.processed()) + " items, " + std::to_string(counts.successful) +
         " successful, " + std::to_string(counts.warnings) + " with warnings, " +
         std::to_string(counts.errors) + " with errors";
}

}  // namespace

Result<jobs::Job> JobRun::finish(const Result<void>& done) {
  if (control_.reason() == StopReason::lost) return lost(job_);
  if (!done && done.error().code == ErrorCode::lease_lost) return done.error();
  // What was decided before the stop is kept. Where it cannot be, the job goes on from the last commit.
  Result<void> flushed = writer_.flush();
  if (!flushed && flushed.error().code == ErrorCode::lease_lost) return std::move(flushed).error();
  return close(ending_of(!done ? done : flushed));
}

jobs::Ending JobRun::ending_of(const Result<void>& done) {
  jobs::Ending ending;
  ending.at = context_.clock().now();
  const StopReason reason = control_.reason();
  // All is done, yet a cancel was acknowledged: it takes effect. A stop time that passes now has nothing to
  // stop.
  if (done && reason != StopReason::cancel) return ending;
  // Where the database or the bucket was away, nothing is wrong with the job: whoever can reach it goes on,
  // from the last commit.
  const bool store_away =
      !done && done.error().code == ErrorCode::unavailable && store_.outages() != outages_before_;
  if (reason == StopReason::shutdown || (reason == StopReason::none && store_away)) {
    ending.event = Event::release;
  } else if (reason != StopReason::none || done.error().code == ErrorCode::cancelled) {
    ending.event = Event::cancel;
  } else {
    ending.event = Event::fail;
    ending.retryable = done.error().retryable();
    far_side_away_ = done.error().away();
    std::string sentence = done.error().message;
    while (sentence.ends_with('.')) sentence.pop_back();
    const bool several = sentence.find(". ") != std::string::npos || sentence.find("; ") != std::string::npos;
    const std::string far = how_far(several);
    ending.error = truncate_utf8(sentence, kErrorBytes - far.size()) + far;
  }
  return ending;
}

/// The end of an error's sentence. Behind several, whose last one is what to do, it is one of its own.
std::string JobRun::how_far(bool several) const {
  const std::int64_t processed = writer_.committed_counts().processed();
  if (processed == 0) return several ? ". No item was processed" : "; no item was processed";
  return (several ? ". This was after processing " : " after processing ") + std::to_string(processed) +
         (processed == 1 ? " item" : " items");
}

std::string JobRun::cancelled_by() {
  std::string by = control_.asked_by();
  if (by.empty()) {
    if (const auto row = store_.jobs().get(job_.id)) by = row->cancel_requested_by;
  }
  return by.empty() ? std::string() : " at the request of client " + by;
}

std::string JobRun::closing_line(const jobs::Ending& ending) {
  const std::string results = results_of(writer_.committed_counts());
  switch (ending.event) {
    case Event::finish:
      return "Ended: " + results + ".";
    case Event::cancel:
      if (control_.reason() == StopReason::stop_time && job_.stop) {
        return "Stopped at the stop time " + format_time(*job_.stop) + ": " + results +
               "; what is done stays.";
      }
      return "Cancelled" + cancelled_by() + ": " + results + "; what is done stays.";
    case Event::release:
      return "Let go after " + results +
             (control_.reason() == StopReason::shutdown
                  ? ": the worker is shutting down, the next one goes on."
                  : ": the database, or the bucket of large bytes, could not be reached; the job goes on "
                    "from here.");
    default:
      return "Failed: " + ending.error + (ending.retryable ? ". A retry may succeed." : ".");
  }
}

Result<jobs::Job> JobRun::close(jobs::Ending ending) {
  ending.note = closing_line(ending);
  if (ending.event == Event::release && source_) source_->keep();
  // Nothing is fetched any more, and nothing of it is left when the end is told.
  package_.reset();
  files_.reset();
  if (ending.event != Event::release) place_log(ending);
  Result<jobs::Job> ended = end_job_(job_, ending);
  if (!ended && ending.event == Event::finish && ended.error().code == ErrorCode::cancelled) {
    // The cancel was acknowledged while the log was being put: the log is put once more, with its true last
    // line.
    ending.event = Event::cancel;
    return close(std::move(ending));
  }
  if (ended) progress_.ended(*ended);
  if (job_.writes() && !options_.wait_for_index) indexer_.kick();
  return ended;
}

void JobRun::place_log(jobs::Ending& ending) {
  if (!log_.kept()) return;
  const auto closing = [&] {
    return report::make_entry(ending.at, ending.event == Event::fail ? Level::error : Level::info,
                              ending.note);
  };
  const bool soon = ending.event == Event::cancel || far_side_away_;
  const Milliseconds time = soon ? kPlaceLogSoon : kPlaceLogTime;
  auto done = without_exceptions("placing the job's log", [&]() -> Result<void> {
    WB_CHECK_OK(log_.complete(store_.reports(), closing()));
    if (!source_ || source_->log_location(log_name(job_.id)).empty()) return {};
    // Not the job's context: a cancelled job has a log as well.
    const Context context = Context(context_.clock()).with_timeout(time);
    auto put = source_->put_log(log_name(job_.id), log_.path(), context);
    if (!put && context.expired()) {
      return Error{ErrorCode::timeout,
                   "this was not over within " + std::to_string(time.count() / 1'000) + " s."};
    }
    WB_TRY(ending.log_location, std::move(put));
    return {};
  });
  if (done) return;
  ending.at = context_.clock().now();  // the last line comes behind what is said here
  ending.log_location = server_log_location();
  writer_.set_log_location(ending.log_location);
  writer_.note(Level::warning, "The log could not be put beside the package and stays on the server: " +
                                   done.error().message);
  if (writer_.flush())
    (void)log_.complete(store_.reports(), closing());  // the store has it all, whatever the file has
}

Result<jobs::Job> run_job(const jobs::Job& job, const Options& options, storage::Store& store,
                          jobs::StatusBoard& board, const Context& context) {
  const auto control = std::make_shared<JobControl>(context);
  Indexer indexer(store);
  const EndJob end_job = [&store](const jobs::Job& held, const jobs::Ending& ending) {
    return store.jobs().end(held.id, held.epoch, ending);
  };
  return JobRun(job, options, store, board, indexer, *control, end_job).run();
}

}  // namespace waybill::worker
