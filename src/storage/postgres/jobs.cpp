#include "storage/postgres/jobs.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "storage/postgres/copy_rows.h"
#include "storage/sql/job_rows.h"

namespace waybill::storage::postgres {

namespace {

using Texts = std::vector<std::optional<std::string_view>>;
using Numbers = std::vector<std::int64_t>;

/// In which next_due() has a job looked for again that is held though its lease is over.
constexpr Milliseconds kLookAgain{250};
/// After the lease: a node that is slow, and not silent, may have to wait for a moment.
constexpr Milliseconds kSilence{1'000};

}  // namespace

Result<std::vector<jobs::Job>> Jobs::get_all(const std::vector<JobId>& ids) {
  std::vector<std::string> texts;
  texts.reserve(ids.size());
  for (const JobId& id : ids) texts.push_back(to_string(id));
  const std::string array = array_of(texts);
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

Result<Jobs::Turn> Jobs::turn_of(const JobId& id, Epoch epoch, const jobs::Ending& ending) {
  WB_TRY(Outcome outcome, outcome_of(ending));
  return Turn{id, epoch, ending, std::move(outcome)};
}

/// What waybill_end_and_claim_jobs() is told of those that end: arrays with an element for each.
struct Jobs::Arrays {
  explicit Arrays(const std::vector<Turn*>& turns) {
    std::vector<std::string> id_texts;
    Texts error_texts, location_texts, note_texts;
    Numbers epoch_numbers, state_numbers, moment_numbers, retryable_numbers, level_numbers;
    for (const Turn* const turn : turns) {
      const Outcome& outcome = turn->outcome;
      const auto& line = outcome.closing_line;
      id_texts.push_back(to_string(turn->id));
      epoch_numbers.push_back(turn->epoch.value());
      state_numbers.push_back(static_cast<int>(outcome.state));
      moment_numbers.push_back(sql::to_integer(turn->ending.at));
      error_texts.emplace_back(outcome.error);
      retryable_numbers.push_back(outcome.retryable ? 1 : 0);
      location_texts.emplace_back(turn->ending.log_location);
      note_texts.push_back(line ? std::optional<std::string_view>(line->finding.message) : std::nullopt);
      level_numbers.push_back(static_cast<int>(line ? line->level : report::Level::info));
    }
    ids = array_of(id_texts);
    epochs = array_of(epoch_numbers);
    states = array_of(state_numbers);
    moments = array_of(moment_numbers);
    errors = array_of(error_texts);
    retryable = array_of(retryable_numbers);
    locations = array_of(location_texts);
    notes = array_of(note_texts);
    levels = array_of(level_numbers);
  }
  std::string ids, epochs, states, moments, errors, retryable, locations, notes, levels;
};

Result<Jobs::Taken> Jobs::run(const std::vector<Turn*>& turns, const std::optional<Taker>& taker,
                              const ClaimLooks::Look& look) {
  const Arrays ending(turns);
  std::optional<std::string_view> owner;
  if (taker) owner = taker->owner;
  const Time now = taker ? taker->now : Time();
  const jobs::ClaimLimits limits = taker ? taker->limits : jobs::ClaimLimits{};
  return database().write_one([&](sql::Connection& writer) -> Result<Taken> {
    Taken taken;
    sql::Query query(writer, sql::Sql::end_and_claim, ending.ids, ending.epochs, ending.states,
                     ending.moments, ending.errors, ending.retryable, ending.locations, ending.notes,
                     ending.levels, kKeptValidations, now, owner, now + limits.lease, limits.running_jobs,
                     taker ? taker->more : 0, static_cast<int>(jobs::Phase::fetching), look.start.from.due,
                     look.start.from.number, look.start.owned_from);
    for (;;) {
      WB_TRY(const bool row, query.step());
      if (!row) return taken;
      jobs::Job job = sql::read_job(query);
      const auto turn = std::find_if(turns.begin(), turns.end(), [&](const Turn* one) {
        return one->id == job.id && one->epoch == job.epoch;
      });
      if (turn != turns.end()) {
        WB_CHECK_OK(writer.announce({Notice::Kind::ended, job.id}));
        (*turn)->ended = std::move(job);
        continue;
      }
      if (auto opened = sql::read_credentials(query, sealer(), job); !opened) {
        taken.unreadable = std::move(opened).error();
        continue;
      }
      const ClaimLooks::Place place{sql::to_integer(job.due), sql::job_number(query)};
      if (taken.last < place) taken.last = place;
      taken.jobs.push_back(std::move(job));
    }
  });
}

void Jobs::end_look(const ClaimLooks::Look& look, const std::string& owner, const Taken& taken) {
  looks_.end(look, taken.last, [&] {
    return database().read([&](sql::Connection& reader) -> Result<std::optional<std::int64_t>> {
      sql::Query query(reader, sql::Sql::oldest_owned, owner);
      WB_TRY(const bool row, query.step());
      return row ? query.optional_integer(0) : std::nullopt;
    });
  });
}

Result<std::optional<jobs::Job>> Jobs::claim(Time now, const std::string& owner,
                                             const jobs::ClaimLimits& limits) {
  for (auto look = looks_.begin();; look = ClaimLooks::begin_again(look)) {
    WB_TRY(Taken taken, run({}, Taker{now, owner, limits, 1}, look));
    end_look(look, owner, taken);
    if (!taken.jobs.empty()) return std::optional(std::move(taken.jobs.front()));
    if (taken.unreadable) return *std::move(taken.unreadable);
    if (look.whole) return std::optional<jobs::Job>();
  }
}

Result<std::optional<Time>> Jobs::next_due(Time now) {
  WB_TRY(const auto due, sql::Jobs::next_due(now));
  if (!due || *due > now + kLookAgain) return due;
  // Maybe a job that could not be taken though its lease is over. Nothing comes of a failure: it is looked
  // for again.
  (void)database().write_one([&](sql::Connection& writer) {
    return sql::Query(writer, sql::Sql::end_silent_holders, now - kSilence).run();
  });
  return due;
}

Result<jobs::Job> Jobs::end(const JobId& id, Epoch epoch, const jobs::Ending& ending) {
  WB_TRY(Turn turn, turn_of(id, epoch, ending));
  WB_CHECK_OK(run({&turn}, std::nullopt, {}));
  if (!turn.ended) return not_ended(turn);
  return *std::move(turn.ended);
}

Error Jobs::not_ended(const Turn& turn) {
  if (turn.ending.event != jobs::Event::finish) return lease_lost(turn.id);
  const auto job = get(turn.id);
  if (!job) return job.error();
  const bool held = job->epoch == turn.epoch && job->state == jobs::State::in_progress;
  return held && job->cancel_requested ? asked_to_stop(turn.id) : lease_lost(turn.id);
}

Result<jobs::EndedAndNext> Jobs::end_and_claim(const JobId& id, Epoch epoch, const jobs::Ending& ending,
                                               Time now, const std::string& owner,
                                               const jobs::ClaimLimits& limits) {
  WB_TRY(Turn mine, turn_of(id, epoch, ending));
  // All workers of a process take jobs alike.
  const Taker taker{now, owner, limits};
  rounds_.take_part(mine, [&](const std::vector<Turn*>& turns) { end_and_claim(turns, taker); });
  if (mine.error) return *std::move(mine.error);
  if (!mine.ended) return not_ended(mine);
  return jobs::EndedAndNext{*std::move(mine.ended), std::move(mine.next)};
}

void Jobs::end_and_claim(const std::vector<Turn*>& turns, const Taker& taker) {
  const auto look = looks_.begin();
  auto taken = run(turns, taker, look);
  if (!taken) {
    for (Turn* const turn : turns) turn->error = taken.error();
    return;
  }
  end_look(look, taker.owner, *taken);
  auto job = taken->jobs.begin();
  for (Turn* const turn : turns) {
    if (turn->ended && job != taken->jobs.end()) turn->next = std::move(*job++);
  }
}

}  // namespace waybill::storage::postgres
