#include "storage/sql/jobs.h"

#include <limits>

#include "base/text.h"
#include "storage/sql/job_rows.h"
#include "storage/sql/reports.h"

namespace waybill::storage::sql {

namespace {

using jobs::Created;
using jobs::Event;
using jobs::Job;
using jobs::State;

// Contract, section 2: the same key within 24 hours is the same job.
constexpr std::chrono::hours kKeyLife{24};
// Rows of one step of a prune: some milliseconds, which others wait for.
constexpr int kPrunedAtOnce = 2'000;
// Contract, section 2: `error` has at most 1024 characters.
constexpr std::size_t kErrorBytes = 1024;

int number(State state) {
  return static_cast<int>(state);
}

/// The table has an undo as an import that is marked.
int stored_type(jobs::JobType type) {
  return static_cast<int>(type == jobs::JobType::undo ? jobs::JobType::import : type);
}
int is_undo(jobs::JobType type) {
  return type == jobs::JobType::undo ? 1 : 0;
}

Error not_found(const JobId& id) {
  return {ErrorCode::not_found, "there is no job " + to_string(id)};
}

/// The row that an UPDATE … RETURNING * gave, with the closing line of its log. `none` where it changed
/// nothing.
Result<Job> ended_job(Connection& writer, Query& query, const std::optional<report::LogEntry>& closing_line,
                      const Error& none) {
  WB_TRY(const bool row, query.step());
  if (!row) return none;
  Job job = read_job(query);
  const std::int64_t number = job_number(query);
  const std::int64_t sequence = last_entry(query);
  WB_CHECK_OK(query.run());
  if (closing_line) WB_CHECK_OK(write_entry(writer, number, sequence, *closing_line));
  WB_CHECK_OK(writer.announce({Notice::Kind::ended, job.id}));
  return job;
}

std::optional<Blob> blob_or_null(const std::string& bytes) {
  return bytes.empty() ? std::nullopt : std::optional(Blob{bytes});
}

struct NumberedJob {
  std::int64_t number = 0;
  Job job;
};

/// JobStore::undo_of within the caller's transaction.
Result<std::optional<NumberedJob>> standing_undo(Connection& connection, const JobId& target) {
  std::vector<NumberedJob> undos;
  {
    Query query(connection, Sql::list_undos, target);
    for (;;) {
      WB_TRY(const bool row, query.step());
      if (!row) break;
      undos.push_back({job_number(query), read_job(query)});
    }
  }
  if (undos.empty()) return std::optional<NumberedJob>();
  for (const NumberedJob& undo : undos) {
    WB_TRY(const auto redo, standing_undo(connection, undo.job.id));
    if (redo && redo->number > undos.front().number) return std::optional<NumberedJob>();
  }
  return std::optional(std::move(undos.front()));
}

}  // namespace

Error Jobs::lease_lost(const JobId& id) {
  return {ErrorCode::lease_lost, "the lease on job " + to_string(id) + " is another worker's now"};
}

Error Jobs::asked_to_stop(const JobId& id) {
  return {ErrorCode::cancelled, "the job " + to_string(id) + " was asked to stop before it had ended"};
}

Result<Jobs::Outcome> Jobs::outcome_of(const jobs::Ending& ending) {
  const auto after = jobs::next_state(State::in_progress, ending.event);
  if (!after || (ending.event == Event::release) == jobs::is_final(*after)) {
    return Error{ErrorCode::invalid_argument, "a job ends with finish, fail or cancel, or is released"};
  }
  const bool failed = ending.event == Event::fail;
  Outcome outcome{*after, failed ? truncate_utf8(ending.error, kErrorBytes) : std::string(),
                  failed && ending.retryable, std::nullopt};
  if (!ending.note.empty()) {
    const auto level = failed ? report::Level::error : report::Level::info;
    outcome.closing_line = report::make_entry(ending.at, level, ending.note);
  }
  return outcome;
}

/// Empty where there are none.
std::string Jobs::seal_credentials(const JobId& id, const Secret& credentials) const {
  return credentials.empty() ? std::string() : sealer_.seal(credentials.reveal(), credentials_context(id));
}

Result<Job> Jobs::find(Connection& connection, Sql sql, const JobId& id) const {
  Query query(connection, sql, id);
  WB_TRY(const bool row, query.step());
  if (!row) return not_found(id);
  return read_job_with_credentials(query, sealer_);
}

Result<Created> Jobs::create(const Job& job, const std::optional<jobs::IdempotencyKey>& key) {
  if (!key && job.type != jobs::JobType::undo) {
    return database_.write_one([&](Connection& writer) { return insert(writer, job); });
  }
  return database_.write([&](Connection& writer) -> Result<Created> {
    if (!key) return insert(writer, job);
    const Time now = clock_.now();
    WB_TRY(const std::optional<Created> earlier, replay(writer, job, *key, now));
    if (earlier) return *earlier;
    WB_TRY(const Created created, insert(writer, job));
    WB_CHECK_OK(
        Query(writer, Sql::insert_key, job.client, key->key, Blob{key->request_hash}, job.id, now).run());
    return created;
  });
}

Result<std::optional<Created>> Jobs::replay(Connection& writer, const Job& job,
                                            const jobs::IdempotencyKey& key, Time now) {
  const Time too_old = now - kKeyLife;
  WB_CHECK_OK(Query(writer, Sql::forget_old_keys, too_old).run());
  Query query(writer, Sql::find_key, job.client, key.key);
  WB_TRY(const bool row, query.step());
  if (!row) return std::optional<Created>();
  if (query.text(0) != key.request_hash) {
    return Error{
        ErrorCode::conflict,
        "the Idempotency-Key was used within the last 24 hours for another request: use a new key for a "
        "new request"};
  }
  return std::optional(Created{query.job_id(1), true});
}

Result<Created> Jobs::insert(Connection& writer, const Job& job) {
  const jobs::DataSource& source = job.source;
  if (job.type == jobs::JobType::undo && job.target) WB_CHECK_OK(check_undo(writer, *job.target));
  const std::string sealed = seal_credentials(job.id, source.credentials);
  WB_CHECK_OK(Query(writer, Sql::insert_job, job.id, job.department, job.client, stored_type(job.type),
                    static_cast<int>(job.operation), static_cast<int>(source.type), source.path,
                    source.region, blob_or_null(sealed), job.traceparent, job.created, job.due, job.stop,
                    number(State::scheduled), is_undo(job.type), job.target)
                  .run());
  WB_CHECK_OK(writer.announce({Notice::Kind::due, job.id}));
  return Created{job.id, false};
}

/// Two requests to undo the same job wait for each other at its row.
Result<void> Jobs::check_undo(Connection& writer, const JobId& target) const {
  WB_CHECK_OK(find(writer, Sql::lock_job, target));
  WB_TRY(const auto earlier, standing_undo(writer, target));
  if (!earlier || jobs::has_left_something(earlier->job)) return {};
  return Error{ErrorCode::already_exists,
               "the job " + to_string(target) + " has an undo already: " + to_string(earlier->job.id)};
}

Result<Job> Jobs::get(const JobId& id) {
  return database_.read([&](Connection& reader) { return find(reader, Sql::get_job, id); });
}

Result<std::vector<Job>> Jobs::list(const jobs::JobFilter& filter) {
  return database_.read([&](Connection& reader) -> Result<std::vector<Job>> {
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    if (filter.after) {
      Query cursor(reader, Sql::job_number, *filter.after, filter.department);
      WB_TRY(const bool row, cursor.step());
      if (!row) return not_found(*filter.after);
      before = cursor.integer(0);
    }
    std::optional<int> state;
    if (filter.state) state = number(*filter.state);
    std::optional<int> type;
    if (filter.type) type = stored_type(*filter.type);
    const int undo = is_undo(filter.type.value_or(jobs::JobType::import));
    const std::string text = to_lower(filter.text);
    // The statement for all departments has no ninth value, and a value too many is an error.
    const auto collect = [](Query& query) -> Result<std::vector<Job>> {
      std::vector<Job> found;
      while (true) {
        WB_TRY(const bool row, query.step());
        if (!row) return found;
        found.push_back(read_job(query));
      }
    };
    if (!filter.department) {
      Query query(reader, Sql::list_jobs, before, state, type, to_limit(filter.limit), undo, filter.from,
                  filter.to, text);
      return collect(query);
    }
    Query query(reader, Sql::list_department_jobs, before, state, type, to_limit(filter.limit), undo,
                filter.from, filter.to, text, *filter.department);
    return collect(query);
  });
}

Result<std::optional<Job>> Jobs::claim(Time now, const std::string& owner, const jobs::ClaimLimits& limits) {
  return database_.write([&](Connection& writer) { return take(writer, now, owner, limits); });
}

/// claim() within the caller's transaction.
Result<std::optional<Job>> Jobs::take(Connection& writer, Time now, const std::string& owner,
                                      const jobs::ClaimLimits& limits) const {
  Query owned(writer, Sql::count_owned, owner, now);
  WB_TRY(const bool counted, owned.step());
  if (counted && owned.integer(0) >= limits.running_jobs) return std::optional<Job>();

  Query candidate(writer, Sql::find_claimable, now);
  WB_TRY(const bool row, candidate.step());
  if (!row) return std::optional<Job>();
  const Job before = read_job(candidate);
  WB_CHECK_OK(candidate.run());
  const auto after = jobs::next_state(before.state, Event::claim);
  if (!after) return std::optional<Job>();

  const Time until = now + limits.lease;
  Query query(writer, Sql::claim_job, before.id, number(before.state), number(*after),
              static_cast<int>(jobs::Phase::fetching), owner, until, now);
  WB_TRY(const bool claimed, query.step());
  if (!claimed) return std::optional<Job>();
  WB_TRY(Job job, read_job_with_credentials(query, sealer_));
  WB_CHECK_OK(query.run());
  return std::optional(std::move(job));
}

Result<std::optional<Time>> Jobs::next_due(Time now) {
  return database_.read([&](Connection& reader) -> Result<std::optional<Time>> {
    Query query(reader, Sql::next_due, now);
    WB_TRY(const bool row, query.step());
    return row ? query.optional_time(0) : std::nullopt;
  });
}

Result<std::int64_t> Jobs::end_leases() {
  return database_.write([&](Connection& writer) -> Result<std::int64_t> {
    Query query(writer, Sql::end_leases);
    for (std::int64_t ended = 0;; ++ended) {
      WB_TRY(const bool row, query.step());
      if (!row) return ended;
    }
  });
}

Result<std::optional<Job>> Jobs::undo_of(const JobId& id) {
  return database_.read([&](Connection& reader) -> Result<std::optional<Job>> {
    WB_TRY(const auto undo, standing_undo(reader, id));
    return undo ? std::optional(undo->job) : std::nullopt;
  });
}

Result<std::vector<jobs::JobCount>> Jobs::counts() {
  return database_.read([&](Connection& reader) -> Result<std::vector<jobs::JobCount>> {
    std::vector<jobs::JobCount> counts;
    Query query(reader, Sql::count_jobs);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return counts;
      const auto type =
          query.integer(1) != 0 ? jobs::JobType::undo : static_cast<jobs::JobType>(query.integer(0));
      counts.push_back({type, static_cast<State>(query.integer(2)), query.integer(3)});
    }
  });
}

Result<std::int64_t> Jobs::unfinished(const ClientId& client) {
  return database_.read([&](Connection& reader) -> Result<std::int64_t> {
    Query query(reader, Sql::count_unfinished, client.value());
    WB_TRY(const bool row, query.step());
    return row ? query.integer(0) : 0;
  });
}

Result<jobs::LeaseAnswer> Jobs::renew(const JobId& id, Epoch epoch, Time until) {
  return database_.write_one([&](Connection& writer) -> Result<jobs::LeaseAnswer> {
    Query query(writer, Sql::renew_lease, id, epoch, until);
    WB_TRY(const bool row, query.step());
    if (!row) return lease_lost(id);
    jobs::LeaseAnswer answer{!query.is_null(0), query.string(1)};
    WB_CHECK_OK(query.run());
    return answer;
  });
}

Result<State> Jobs::request_cancel(const JobId& id, const ClientId& by, Time at) {
  return database_.write([&](Connection& writer) -> Result<State> {
    WB_TRY(const Job job, find(writer, Sql::lock_job, id));
    const auto after = jobs::next_state(job.state, Event::cancel);
    if (!after) {
      return Error{ErrorCode::conflict, "the job has ended (" + std::string(jobs::to_string(job.state)) +
                                            "), so there is nothing to cancel"};
    }
    if (job.state != State::scheduled) {
      WB_CHECK_OK(Query(writer, Sql::note_cancel, id, at, by).run());
      WB_CHECK_OK(writer.announce({Notice::Kind::cancel, id}));
      return job.state;
    }
    Query query(writer, Sql::cancel_scheduled_job, id, number(job.state), number(*after), at, by);
    WB_TRY(const bool row, query.step());
    if (!row) return not_found(id);
    const std::int64_t job_number = query.integer(0);
    const std::int64_t sequence = query.integer(1);
    WB_CHECK_OK(query.run());
    const auto entry = report::make_entry(
        at, report::Level::info, "Cancelled before it was started, at the request of client " + by.value());
    WB_CHECK_OK(write_entry(writer, job_number, sequence, entry));
    WB_CHECK_OK(writer.announce({Notice::Kind::ended, id}));
    return *after;
  });
}

Result<Job> Jobs::end(const JobId& id, Epoch epoch, const jobs::Ending& ending) {
  return database_.write([&](Connection& writer) { return close(writer, id, epoch, ending); });
}

Result<jobs::EndedAndNext> Jobs::end_and_claim(const JobId& id, Epoch epoch, const jobs::Ending& ending,
                                               Time now, const std::string& owner,
                                               const jobs::ClaimLimits& limits) {
  return database_.write([&](Connection& writer) -> Result<jobs::EndedAndNext> {
    WB_TRY(Job ended, close(writer, id, epoch, ending));
    // Whatever is wrong with the next one: this one has ended.
    auto next = take(writer, now, owner, limits);
    return jobs::EndedAndNext{std::move(ended), next ? *std::move(next) : std::nullopt};
  });
}

/// end() within the caller's transaction.
Result<Job> Jobs::close(Connection& writer, const JobId& id, Epoch epoch, const jobs::Ending& ending) const {
  auto found = find(writer, Sql::lock_job, id);
  if (!found) return found.error().code == ErrorCode::not_found ? lease_lost(id) : found.error();
  const Job& job = *found;
  if (job.epoch != epoch || job.state != State::in_progress) return lease_lost(id);
  WB_TRY(const Outcome outcome, outcome_of(ending));
  const int entries = outcome.closing_line ? 1 : 0;
  if (!jobs::is_final(outcome.state)) {
    Query query(writer, Sql::release_job, id, epoch, number(job.state), number(outcome.state),
                ending.log_location, entries);
    return ended_job(writer, query, outcome.closing_line, lease_lost(id));
  }
  if (ending.event == Event::finish && job.cancel_requested) return asked_to_stop(id);
  Query query(writer, Sql::end_job, id, epoch, number(job.state), number(outcome.state), ending.at,
              outcome.error, outcome.retryable ? 1 : 0, ending.log_location, entries);
  WB_TRY(Job ended, ended_job(writer, query, outcome.closing_line, lease_lost(id)));
  if (ended.type == jobs::JobType::validation) {
    WB_CHECK_OK(Query(writer, Sql::forget_contents, ended.department, kKeptValidations).run());
  }
  return ended;
}

Result<Job> Jobs::retry(const JobId& id, const ClientId& by, Time at, const Secret& credentials) {
  return database_.write([&](Connection& writer) -> Result<Job> {
    WB_TRY(const Job job, find(writer, Sql::lock_job, id));
    const auto after = jobs::next_state(job.state, Event::retry, job.retryable);
    if (!after) {
      return Error{ErrorCode::conflict,
                   "only a cancelled job, or a failed one that is retryable, can be retried; this one is " +
                       std::string(jobs::to_string(job.state))};
    }
    WB_TRY(const auto undo, standing_undo(writer, id));
    if (undo) {
      return Error{ErrorCode::conflict, "the job was taken back by the undo " + to_string(undo->job.id) +
                                            " and cannot go on: start a new one"};
    }
    const std::string sealed = seal_credentials(id, credentials);
    Query query(writer, Sql::retry_job, id, number(job.state), number(*after), at, blob_or_null(sealed));
    WB_TRY(const bool row, query.step());
    if (!row) return not_found(id);
    Job changed = read_job(query);
    const std::int64_t number = job_number(query);
    const std::int64_t sequence = last_entry(query);
    WB_CHECK_OK(query.run());
    const auto entry =
        report::make_entry(at, report::Level::info, "To be retried, at the request of client " + by.value());
    WB_CHECK_OK(write_entry(writer, number, sequence, entry));
    WB_CHECK_OK(writer.announce({Notice::Kind::due, id}));
    return changed;
  });
}

Result<std::optional<JobId>> Jobs::prune(Time ended_before) {
  for (;;) {
    struct Found {
      std::int64_t number;
      JobId id;
    };
    WB_TRY(const auto found, database_.read([&](Connection& reader) -> Result<std::optional<Found>> {
      Query query(reader, Sql::oldest_ended, ended_before);
      WB_TRY(const bool row, query.step());
      if (!row) return std::optional<Found>();
      return std::optional(Found{query.integer(0), query.job_id(1)});
    }));
    if (!found) return std::optional<JobId>();
    std::optional<bool> gone = false;
    while (gone && !*gone) {
      WB_TRY(gone, prune_some(found->number, ended_before));
    }
    if (gone) return std::optional(found->id);
  }
}

Result<std::optional<bool>> Jobs::prune_some(std::int64_t number, Time ended_before) {
  return database_.write([&](Connection& writer) -> Result<std::optional<bool>> {
    {
      // Somebody may have retried it since it was found, or undone it, or another node was faster.
      Query query(writer, Sql::lock_ended, number, ended_before);
      WB_TRY(const bool row, query.step());
      if (!row) return std::optional<bool>();
      WB_CHECK_OK(query.run());
    }
    for (const Sql part : {Sql::prune_entries, Sql::prune_items, Sql::prune_contents}) {
      WB_CHECK_OK(Query(writer, part, number, kPrunedAtOnce).run());
      if (writer.changes() > 0) return std::optional(false);
    }
    WB_CHECK_OK(Query(writer, Sql::prune_job, number).run());
    return std::optional(true);
  });
}

}  // namespace waybill::storage::sql
