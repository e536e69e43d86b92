// How a job ends: what is written last, where its log goes, what the store is told.

#include <utility>

#include "base/text.h"
#include "worker/job_run.h"

namespace waybill::worker {

namespace {

constexpr std::size_t kErrorBytes = 1024;  // contract, section 2: `error`

std::string results_in_words(const jobs::Counts& counts) {
  return std::to_string(counts.successful) + " successful, " + std::to_string(counts.warnings) +
         " with warnings, " + std::to_string(counts.errors) + " with errors";
}

/// "The disk is full." and 1250 → "The disk is full after processing 1250 items".
std::string with_how_far(std::string message, std::int64_t processed) {
  const std::string tail = " after processing " + std::to_string(processed) + " items";
  while (!message.empty() && (message.back() == '.' || message.back() == ' ')) message.pop_back();
  return truncate_utf8(escape_controls(message), kErrorBytes - tail.size()) + tail;
}

}  // namespace

jobs::Ending JobRun::ending_of(const Result<void>& outcome, report::LogEntry& last_line) {
  jobs::Ending ending;
  ending.at = clock_.now();
  const auto say = [&](report::Level level, std::string text) {
    last_line = report::make_entry(ending.at, level, std::move(text));
  };
  const std::string results = results_in_words(writer_.counts());
  if (outcome) {
    ending.event = jobs::Event::finish;
    say(report::Level::info, "Successful: " + results + ".");
    return ending;
  }
  if (outcome.error().code == ErrorCode::cancelled) {
    ending.event = jobs::Event::cancel;
    if (job_.stop && ending.at >= *job_.stop) {
      say(report::Level::warning, "Stopped at the stop time " + format_time(*job_.stop) + ": " + results +
                                      ". What was finished stays.");
      return ending;
    }
    const auto row = store_.jobs().get(job_.id);
    if (row && row->cancel_requested) {
      say(report::Level::warning, "Cancelled by " + row->cancel_requested_by + " at " +
                                      format_time(*row->cancel_requested) + ": " + results +
                                      ". What was finished stays.");
      return ending;
    }
    ending.event = jobs::Event::release;
    say(report::Level::info, "");
    return ending;
  }
  ending.event = jobs::Event::fail;
  ending.error = with_how_far(outcome.error().message, writer_.position());
  ending.retryable = outcome.error().retryable();
  say(report::Level::error, "Failed: " + ending.error + ": " + results + "." +
                                (ending.retryable ? " The same request may succeed later." : ""));
  return ending;
}

void JobRun::place_log(jobs::Ending& ending, const report::LogEntry& last_line) {
  auto taken = writer_.take_log();
  if (!taken) return;
  JobLog& log = *taken;
  if (!log.append({&last_line, 1})) return;
  ending.log_location = writer_.log_location();
  if (!source_ || source_->log_location(log_name(job_.id)).empty()) return;
  // The source's own time limits hold; a job that was asked to stop still puts its log in its place.
  const auto placed = source_->put_log(log_name(job_.id), log.path(), Context(clock_));
  if (placed) {
    ending.log_location = *placed;
    return;
  }
  ending.log_location = options_.server_log_location(job_.id);
  const auto reason = report::make_entry(
      clock_.now(), report::Level::warning,
      "The log could not be put beside the package and stays on the server: " + placed.error().message);
  (void)log.append({&reason, 1});  // where even this fails, the location alone tells
}

Result<jobs::Job> JobRun::end(const Result<void>& outcome) {
  report::LogEntry last_line;
  jobs::Ending ending = ending_of(outcome, last_line);
  // What was finished before the trouble is kept; where the database itself is the trouble, the lease runs
  // out.
  WB_CHECK_OK(writer_.commit(checker_.get()));
  if (ending.event == jobs::Event::fail) {
    ending.error = with_how_far(outcome.error().message, writer_.position());
  }
  if (ending.event != jobs::Event::release) place_log(ending, last_line);
  WB_TRY(auto ended, store_.jobs().end(job_.id, job_.epoch, ending));
  writer_.publish(jobs::status_of(ended));
  return ended;
}

}  // namespace waybill::worker
