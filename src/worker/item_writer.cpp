#include "worker/item_writer.h"

#include <algorithm>
#include <utility>

namespace waybill::worker {

using report::Rule;
using report::Severity;

namespace {

/// A thousand findings take about as much memory as a batch may: then it commits.
constexpr std::size_t kMostEntries = 2'000;
/// What search may lack of a job that is under way and does not wait for its index.
constexpr std::chrono::seconds kIndexDelay{1};

}  // namespace

ItemWriter::ItemWriter(const jobs::Job& job, const Options& options, storage::Store& store, Indexer& indexer,
                       JobControl& control, Progress& progress, JobLog& log)
    : job_(job),
      options_(options),
      store_(store),
      indexer_(indexer),
      control_(control),
      progress_(progress),
      log_(log),
      clock_(control.context().clock()),
      phase_(job.phase),
      total_(job.total),
      source_version_(job.source_version),
      log_location_(job.log_location),
      counts_(job.counts),
      committed_counts_(job.counts),
      position_(job.position),
      committed_position_(job.position),
      start_(job.position) {}

void ItemWriter::set_phase(jobs::Phase phase) {
  phase_ = phase;
  progress_.phase(phase);
}

void ItemWriter::begin_batch() {
  if (!dirty_) batch_began_ = clock_.steady();
  dirty_ = true;
}

void ItemWriter::note(report::Level level, std::string message) {
  begin_batch();
  batch_.entries.push_back(report::make_entry(clock_.now(), level, std::move(message)));
}

void ItemWriter::report(report::Finding finding) {
  begin_batch();
  batch_.entries.push_back(report::make_entry(clock_.now(), std::move(finding)));
}

Result<void> ItemWriter::check_stop() {
  if (job_.stop && clock_.now() >= *job_.stop) control_.stop(StopReason::stop_time);
  return control_.context().check();
}

void ItemWriter::wait_for_brake() {
  if (options_.max_items_per_second == 0) return;
  const std::chrono::nanoseconds step =
      std::chrono::nanoseconds(1'000'000'000) / options_.max_items_per_second;
  // A tenth of a second of unused allowance is kept, so that a slow commit does not slow the job further.
  const auto earliest = clock_.steady() - std::chrono::milliseconds(100);
  const auto turn = next_allowed_ ? std::max(*next_allowed_, earliest) : clock_.steady();
  next_allowed_ = turn + step;
  const auto wait = turn - clock_.steady();
  if (wait > std::chrono::nanoseconds(0)) control_.wait([] { return false; }, wait);
}

Result<void> ItemWriter::add(JudgedItem item) {
  wait_for_brake();
  WB_CHECK_OK(check_stop());
  WB_TRY(const Fate fate, decide(item));
  begin_batch();
  const Time now = clock_.now();
  count(item);
  for (report::Finding& finding : item.findings) {
    batch_.entries.push_back(report::make_entry(now, std::move(finding)));
  }
  record(item, fate);
  batch_bytes_ += item.bytes;
  ++batch_items_;
  ++position_;
  ++seen_;
  if (total_ && position_ > *total_) total_ = position_;
  return batch_is_full() ? flush() : flush_if_old();
}

void ItemWriter::record(JudgedItem& item, Fate fate) {
  using knowledge::Outcome;
  storage::Batch::Record row{{position_ + 1, item.kind, Outcome::refused, item.path, item.language, {}}, {}};
  if (item.existing) row.item.id = item.existing->id;
  if (fate == Fate::unchanged) row.item.outcome = Outcome::unchanged;
  if (fate == Fate::written) row.item.outcome = item.existing ? Outcome::updated : Outcome::created;
  if (item.reversal) {
    static constexpr Outcome kOutcomes[] = {Outcome::removed, Outcome::updated, Outcome::created,
                                            Outcome::unchanged};
    const auto action = item.reversal->action;
    row.item.outcome = kOutcomes[static_cast<std::size_t>(action)];
    if (action != storage::Reversal::Action::leave) batch_.reversals.push_back(std::move(*item.reversal));
  } else if (fate == Fate::written && job_.type == jobs::JobType::import) {
    row.change = batch_.changes.size();
    batch_.changes.push_back(std::move(item.change));
  } else if (fate == Fate::unchanged && item.check_is_new) {
    batch_.checks.push_back({item.existing->id, std::move(item.change.body_check)});
  } else if (item.keep_content) {
    batch_.contents.push_back({position_ + 1, std::move(item.macro), std::move(item.change.content)});
  }
  batch_.records.push_back(std::move(row));
}

void ItemWriter::count(const JudgedItem& item) {
  if (!item.acceptable) {
    ++counts_.errors;
  } else if (std::any_of(item.findings.begin(), item.findings.end(), [](const report::Finding& finding) {
               return finding.severity() == Severity::warning;
             })) {
    ++counts_.warnings;
  } else {
    ++counts_.successful;
  }
}

Result<ItemWriter::Fate> ItemWriter::decide(JudgedItem& item) {
  if (!item.acceptable) return Fate::refused;
  if (item.reversal) return Fate::written;
  if (!item.macro.empty()) {
    WB_TRY(const bool taken, macro_is_taken(item));
    if (taken) {
      item.refuse(Rule::article_macro_duplicate, item.macro_location,
                  "The macro '" + item.macro + "' belongs to another article of the knowledge base.");
      return Fate::refused;
    }
  }
  if (!item.existing) return Fate::written;
  if (item.existing->fingerprint == item.change.fingerprint) return Fate::unchanged;
  if (job_.operation == jobs::Operation::reimport) return Fate::written;
  item.refuse(Rule::already_exists, item.location,
              "The " + std::string(to_string(item.kind)) + " exists already as " +
                  to_string(item.existing->id) + ", with other content.");
  return Fate::refused;
}

Result<bool> ItemWriter::macro_is_taken(const JudgedItem& item) {
  const auto taken = [&]() -> Result<bool> {
    WB_TRY(const auto holder, store_.knowledge().find_macro(job_.department, item.macro));
    return holder && !(item.existing && item.existing->id == *holder);
  };
  WB_TRY(const bool now, taken());
  if (!now || batch_.changes.empty()) return now;
  // An item before this one may have given the macro up: look again when it is written.
  WB_CHECK_OK(flush());
  return taken();
}

bool ItemWriter::batch_is_full() const {
  return batch_items_ >= options_.batch_items || batch_bytes_ >= options_.batch_bytes ||
         batch_.entries.size() >= kMostEntries;
}

Result<void> ItemWriter::flush_if_old() {
  if (!dirty_ || clock_.steady() - batch_began_ < options_.batch_time) {
    progress_.refresh();
    return {};
  }
  return flush();
}

std::chrono::nanoseconds ItemWriter::until_old() const {
  const std::chrono::nanoseconds most = std::chrono::seconds(1);
  if (!dirty_) return most;
  const std::chrono::nanoseconds left = batch_began_ + options_.batch_time - clock_.steady();
  return std::clamp(left, std::chrono::nanoseconds(1'000'000), most);
}

/// Where the job does not wait for the index, neither does its index take the processor from it meanwhile.
void ItemWriter::tell_indexer() {
  if (options_.wait_for_index) {
    indexer_.kick();
  } else {
    indexer_.kick_within(kIndexDelay);
  }
}

Result<void> ItemWriter::flush() {
  if (!dirty_) return {};
  batch_.job = job_.id;
  batch_.epoch = job_.epoch;
  batch_.department = job_.department;
  batch_.now = clock_.now();
  batch_.phase = phase_;
  batch_.total = total_;
  batch_.counts = counts_;
  batch_.position = position_;
  batch_.from = committed_position_;
  batch_.source_version = source_version_;
  batch_.log_location = log_location_;
  Result<void> done = resources_ != nullptr ? resources_->sync() : Result<void>();
  if (done) done = store_.commit(batch_);
  if (done) {
    if (options_.processed) {
      options_.processed(job_.type, {counts_.successful - committed_counts_.successful,
                                     counts_.warnings - committed_counts_.warnings,
                                     counts_.errors - committed_counts_.errors});
    }
    committed_counts_ = counts_;
    committed_position_ = position_;
    log_.append(batch_.entries);
    progress_.committed(counts_, total_, log_location_);
    if (!batch_.changes.empty() || !batch_.reversals.empty()) tell_indexer();
  } else {
    counts_ = committed_counts_;
    position_ = committed_position_;
  }
  batch_.changes.clear();
  batch_.checks.clear();
  batch_.records.clear();
  batch_.contents.clear();
  batch_.reversals.clear();
  batch_.entries.clear();
  batch_items_ = batch_bytes_ = 0;
  dirty_ = false;
  return done;
}

}  // namespace waybill::worker
