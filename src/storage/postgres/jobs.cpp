#include "storage/postgres/jobs.h"

#include <algorithm>
#include <utility>

#include "storage/postgres/copy_rows.h"
#include "storage/sql/job_rows.h"

namespace waybill::storage::postgres {

Result<std::vector<jobs::Job>> Jobs::get_all(const std::vector<JobId>& ids) {
  std::vector<std::string> texts;
  texts.reserve(ids.size());
  for (const JobId& id : ids) texts.push_back(to_string(id));
  const std::string array = array_of(std::vector<std::string_view>(texts.begin(), texts.end()));
  return database().read([&](sql::Connection& reader) -> Result<std::vector<jobs::Job>> {
    std::vector<jobs::Job> found;
    sql::Query query(reader, sql::Sql::get_jobs, array);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return found;
      found.push_back(sql::read_job(query));
    }
  });
}

Result<std::optional<Jobs::Claimed>> Jobs::look(Time now, const std::string& owner,
                                                const jobs::ClaimLimits& limits, const Start& start) {
  return database().write_one([&](sql::Connection& writer) -> Result<std::optional<Claimed>> {
    sql::Query query(writer, sql::Sql::claim_next, now, owner, now + limits.lease, limits.running_jobs,
                     static_cast<int>(jobs::Phase::fetching), start.due, start.number, start.owned);
    WB_TRY(const bool claimed, query.step());
    if (!claimed) return std::optional<Claimed>();
    WB_TRY(jobs::Job job, sql::read_job_with_credentials(query, sealer()));
    return std::optional(Claimed{std::move(job), sql::job_number(query)});
  });
}

/// Where short looks begin after a whole one.
Result<std::optional<Jobs::Start>> Jobs::start_after(const std::string& owner, const Claimed& claimed) {
  return database().read([&](sql::Connection& reader) -> Result<std::optional<Start>> {
    sql::Query query(reader, sql::Sql::oldest_owned, owner);
    WB_TRY(const bool row, query.step());
    const std::int64_t oldest = row ? query.optional_integer(0).value_or(claimed.number) : claimed.number;
    return std::optional(Start{sql::to_integer(claimed.job.due), claimed.number, oldest});
  });
}

std::chrono::nanoseconds Jobs::short_looks_after(std::chrono::nanoseconds took) const {
  // Whole looks take a twentieth of the time at most, and come once a second at least.
  constexpr int kOneIn = 20;
  constexpr std::chrono::nanoseconds kLongest = std::chrono::seconds(1);
  return close_.value_or(std::min(took * kOneIn, kLongest));
}

Result<std::optional<jobs::Job>> Jobs::claim(Time now, const std::string& owner,
                                             const jobs::ClaimLimits& limits) {
  const auto began = Steady::now();
  std::optional<Start> start;
  std::optional<Steady::time_point> last_claim;
  {
    const std::lock_guard lock(mutex_);
    last_claim = std::exchange(last_claim_, began);
    if (began < next_whole_look_) start = short_start_;
  }
  if (start) {
    WB_TRY(auto found, look(now, owner, limits, *start));
    if (found) {
      const std::lock_guard lock(mutex_);
      const std::int64_t owned = short_start_ ? short_start_->owned : start->owned;
      short_start_ = Start{sql::to_integer(found->job.due), found->number, std::min(owned, found->number)};
      return std::optional(std::move(found->job));
    }
  }
  const auto whole_began = Steady::now();
  WB_TRY(auto found, look(now, owner, limits, Start{}));
  const auto short_looks = short_looks_after(Steady::now() - whole_began);
  std::optional<Start> next;
  if (found && last_claim && began - *last_claim <= short_looks) {
    // The job is taken, whatever becomes of this.
    if (auto after = start_after(owner, *found)) next = *after;
  }
  {
    const std::lock_guard lock(mutex_);
    short_start_ = next;
    next_whole_look_ = Steady::now() + short_looks;
  }
  if (!found) return std::optional<jobs::Job>();
  return std::optional(std::move(found->job));
}

Result<jobs::Job> Jobs::end(const JobId& id, Epoch epoch, const jobs::Ending& ending) {
  WB_TRY(const Outcome outcome, outcome_of(ending));
  std::optional<std::string_view> line;
  if (outcome.closing_line) line = outcome.closing_line->finding.message;
  const auto level = outcome.closing_line ? outcome.closing_line->level : report::Level::info;
  WB_TRY(auto ended, database().write_one([&](sql::Connection& writer) -> Result<std::optional<jobs::Job>> {
    sql::Query query(writer, sql::Sql::end_held, id, epoch, static_cast<int>(outcome.state), ending.at,
                     outcome.error, outcome.retryable ? 1 : 0, ending.log_location, line,
                     static_cast<int>(level), kKeptValidations);
    WB_TRY(const bool row, query.step());
    if (!row) return std::optional<jobs::Job>();
    WB_CHECK_OK(writer.announce({Notice::Kind::ended, id}));
    return std::optional(sql::read_job(query));
  }));
  if (ended) return *std::move(ended);
  if (ending.event != jobs::Event::finish) return lease_lost(id);
  WB_TRY(const jobs::Job job, get(id));
  const bool held = job.epoch == epoch && job.state == jobs::State::in_progress;
  return held && job.cancel_requested ? asked_to_stop(id) : lease_lost(id);
}

}  // namespace waybill::storage::postgres
