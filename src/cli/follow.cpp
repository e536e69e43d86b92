#include "cli/follow.h"

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cli/exit_status.h"
#include "cli/progress_view.h"

namespace waybill::cli {

namespace {

constexpr int kWaitSeconds = 1;  // how long a poll may stay open: the bar moves at least so often
constexpr std::chrono::milliseconds kPollEvery{200};
constexpr std::chrono::milliseconds kRetryEvery{1'000};
constexpr std::chrono::seconds kGiveUpAfter{60};  // a server that is being restarted is back by then

std::string operation_of(const JobStatus& status) {
  if (!status.operation.empty()) return status.operation;
  if (status.status == "Scheduled") return "Scheduled for " + status.start;
  return status.status;
}

/// Follows one job; each step of the loop is a method.
class Follower {
 public:
  Follower(JobClient& client, std::string job, const Console& console, bool quiet)
      : client_(client), job_(std::move(job)), view_(console, quiet) {}

  Result<Followed> run(const std::function<void(const JobStatus&)>& changed) {
    const InterruptGuard guard;
    const Clock& clock = system_clock();
    while (true) {
      const auto begun = clock.steady();
      auto answer = client_.status(job_, last_.etag, kWaitSeconds);
      if (InterruptGuard::interrupted()) return stopped();
      if (!answer.ok()) {
        if (!worth_another_try(answer.error(), begun)) return std::move(answer).error();
        if (InterruptGuard::wait(static_cast<int>(kRetryEvery.count()))) return stopped();
        continue;
      }
      back_again();
      if (*answer) {
        last_ = std::move(**answer);
        if (changed) changed(last_);
      }
      if (last_.ended()) return Followed{.status = std::move(last_)};
      view_.show(operation_of(last_), last_.processed.value_or(0), last_.total);
      const auto rest = std::chrono::duration_cast<Milliseconds>(begun + kPollEvery - clock.steady());
      if (rest.count() > 0 && InterruptGuard::wait(static_cast<int>(rest.count()))) return stopped();
    }
  }

 private:
  Followed stopped() {
    view_.finish();
    return Followed{.status = std::move(last_), .interrupted = true};
  }

  bool worth_another_try(const Error& error, std::chrono::nanoseconds now) {
    if (!error.away()) return false;
    if (last_.status.empty()) return false;  // never reached: more likely a wrong address than a restart
    if (!away_since_) {
      away_since_ = now;
      view_.say("the server is away; the job is safe. Trying again for " +
                std::to_string(kGiveUpAfter.count()) + " s …");
    }
    return now - *away_since_ < kGiveUpAfter;
  }

  void back_again() {
    if (!away_since_) return;
    away_since_.reset();
    view_.say("the server is back.");
  }

  JobClient& client_;
  const std::string job_;
  ProgressView view_;
  JobStatus last_;
  std::optional<std::chrono::nanoseconds> away_since_;
};

Paint paint_of(std::string_view status) {
  if (status == "Successful") return Paint::green;
  if (status == "Failed") return Paint::red;
  if (status == "Cancelled") return Paint::yellow;
  return Paint::cyan;
}

}  // namespace

Result<Followed> follow(JobClient& client, const std::string& job, const Console& console, bool quiet,
                        const std::function<void(const JobStatus&)>& changed) {
  return Follower(client, job, console, quiet).run(changed);
}

void tell_job_goes_on(const Console& console, const std::string& job) {
  console.err << "\nThe job goes on without you.\n  look:   waybill status " << job
              << " --watch\n  cancel: waybill cancel " << job << std::endl;
}

int exit_status_of(const JobStatus& status) {
  if (status.status == "Failed" || status.status == "Cancelled") return kJobFailed;
  if (status.status == "Successful" && status.results && status.results->errors > 0) return kContentErrors;
  return kFine;
}

void print_status(std::ostream& out, const std::string& job, const JobStatus& status, bool colour) {
  out << status.job_type << " " << paint(job, Paint::bold, colour) << ": "
      << paint(status.status, paint_of(status.status), colour) << '\n';
  const auto line = [&out](std::string_view name, const std::string& text) {
    if (!text.empty())
      out << "  " << name << std::string(11 - name.size(), ' ') << escape_controls(text) << '\n';
  };
  line("now", status.operation);
  if (status.total) {
    const std::int64_t processed = status.processed.value_or(0);
    line("progress", with_commas(processed) + " of " + with_commas(*status.total) + " items (" +
                         std::to_string(percentage(processed, *status.total)) + " %)");
  }
  line(status.status == "Scheduled" ? "starts" : "started", status.start);
  line("stops", status.ended() ? std::string() : status.stop);
  line("ready", status.estimated.empty() ? std::string() : "about " + status.estimated);
  line("completed", status.completed);
  line("failed", status.failed);
  if (status.results) {
    line("results", with_commas(status.results->successful) + " successful, " +
                        counted(status.results->warnings, "with warnings", "with warnings") + ", " +
                        counted(status.results->errors, "with errors", "with errors"));
  }
  line("error", status.error);
  if (status.status == "Failed") {
    line("retry", status.retryable ? "the same request may succeed later" : "the input must change first");
  }
  line("log", status.log_location);
}

std::string status_json(const std::string& job, const JobStatus& status) {
  boost::system::error_code failed;
  const boost::json::value parsed = boost::json::parse(status.json, failed);
  boost::json::object object{{"id", job}};
  if (!failed && parsed.is_object()) {
    for (const auto& [name, value] : parsed.get_object()) object.emplace(name, value);
  }
  return boost::json::serialize(object);
}

}  // namespace waybill::cli
