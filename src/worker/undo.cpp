// The undo of a job: the part of JobRun that reads what was done instead of a package.
#include <optional>
#include <set>
#include <utility>

#include "worker/job_run.h"

namespace waybill::worker {

using jobs::Phase;
using knowledge::Outcome;
using report::ItemKind;
using report::Level;
using report::Rule;
using Action = storage::Reversal::Action;

namespace {

constexpr std::size_t kPage = 500;

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

bool has_parent(ItemKind kind) {
  return kind != ItemKind::portal;
}

/// Decides what becomes of each item of the job that is taken back. Nobody else writes to the department
/// meanwhile, but what this undo has decided may not be committed yet: the two sets know of it.
class Judge {
 public:
  Judge(storage::Store& store, const jobs::Job& job) : store_(store), job_(job), target_(*job.target) {}

  /// What an earlier run of this undo has left, and what still stands because of it.
  Result<void> load();
  Result<JudgedItem> judge(const storage::ItemRecord& record);

 private:
  Result<void> take_back(const storage::ItemRecord& record, const storage::Standing& standing,
                         JudgedItem& item);
  Result<void> bring_back(const storage::ItemRecord& record, const storage::Standing& standing,
                          JudgedItem& item);
  Result<bool> macro_is_free(const std::string& macro, const storage::ItemRecord& record);
  static void leave(const storage::ItemRecord& record, JudgedItem& item);
  Result<bool> parent_is_there(const storage::ItemRecord& record);
  void hold_parent(ItemKind kind, const std::string& path);
  static std::string key(ItemKind kind, const std::string& path);

  storage::Store& store_;
  const jobs::Job& job_;
  const JobId target_;
  std::set<std::string> held_;   // folders and topics that something stays in
  std::set<std::string> again_;  // folders and topics that this run brings back
};

std::string Judge::key(ItemKind kind, const std::string& path) {
  return (kind == ItemKind::topic ? "topic " : "folder ") + path;
}

void Judge::hold_parent(ItemKind kind, const std::string& path) {
  if (has_parent(kind)) held_.insert(key(kind, parent_of(path)));
}

Result<void> Judge::load() {
  storage::ItemFilter filter;
  filter.limit = kPage;
  for (;;) {
    WB_TRY(const auto page, store_.items().list(job_.id, filter));
    for (const auto& item : page) {
      if (item.outcome != Outcome::removed && item.outcome != Outcome::unchanged) {
        hold_parent(item.kind, item.path);
      }
    }
    if (page.size() < kPage) return {};
    filter.after = page.back().number;
  }
}

Result<JudgedItem> Judge::judge(const storage::ItemRecord& record) {
  JudgedItem item;
  item.kind = record.kind;
  item.path = record.path;
  item.language = record.language;
  item.bytes = 4'000;
  if (record.id) item.existing = knowledge::Existing{*record.id, {}};
  WB_TRY(const storage::Standing standing, store_.items().standing(job_.department, record, target_));
  if (record.outcome == Outcome::removed) {
    WB_CHECK_OK(bring_back(record, standing, item));
  } else {
    WB_CHECK_OK(take_back(record, standing, item));
  }
  const auto does = [&](Action action) { return item.acceptable && item.reversal->action == action; };
  if (does(Action::recreate)) again_.insert(key(item.kind, item.path));
  // What was taken back earlier is committed, so that the store knows whether it is in use.
  if (!does(Action::remove) && !does(Action::leave)) hold_parent(item.kind, item.path);
  return item;
}

Result<void> Judge::take_back(const storage::ItemRecord& record, const storage::Standing& standing,
                              JudgedItem& item) {
  using Place = storage::Standing::Place;
  const std::string what = "The " + std::string(to_string(record.kind)) + " ";
  if (standing.place == Place::none) {
    leave(record, item);
    return {};
  }
  if (standing.place == Place::below) {
    item.refuse(Rule::undo_superseded, {},
                what + "was changed by the newer job " + to_string(*standing.writer) + ".");
    return {};
  }
  if (record.outcome == Outcome::created) {
    if (standing.used_by_others || held_.contains(key(record.kind, record.path))) {
      item.refuse(Rule::undo_in_use, {},
                  what + "still has something in it that this undo does not take back.");
      return {};
    }
    item.reversal = storage::Reversal{Action::remove, record.kind, *record.id, {}, {}, 0};
    return {};
  }
  if (!standing.before) {
    item.refuse(Rule::undo_superseded, {}, what + "has no earlier content that is kept.");
    return {};
  }
  WB_TRY(const bool is_free, macro_is_free(standing.macro_before, record));
  if (!is_free) {
    item.refuse(Rule::undo_in_use, {},
                "Its earlier macro '" + standing.macro_before + "' has another article now.");
    return {};
  }
  item.reversal = storage::Reversal{Action::restore, record.kind, *record.id, {}, {}, *standing.before};
  return {};
}

Result<void> Judge::bring_back(const storage::ItemRecord& record, const storage::Standing& standing,
                               JudgedItem& item) {
  if (standing.there) {
    leave(record, item);
    return {};
  }
  WB_TRY(const auto other, store_.items().taken(job_.department, record));
  if (other) {
    item.refuse(
        Rule::undo_superseded, {},
        "A newer " + std::string(to_string(record.kind)) + " has its place: " + to_string(*other) + ".");
    return {};
  }
  WB_TRY(const bool has_place, parent_is_there(record));
  if (!has_place) {
    item.refuse(Rule::undo_superseded, {},
                "What it was in is not there any longer: " + parent_of(record.path) + ".");
    return {};
  }
  if (!standing.before) {
    item.refuse(Rule::undo_superseded, {}, "What it was is not kept any longer.");
    return {};
  }
  WB_TRY(const bool is_free, macro_is_free(standing.macro_before, record));
  if (!is_free) {
    item.refuse(Rule::undo_in_use, {}, "Its macro '" + standing.macro_before + "' has another article now.");
    return {};
  }
  item.reversal = storage::Reversal{Action::recreate, record.kind,     *record.id,
                                    record.path,      record.language, *standing.before};
  return {};
}

/// Free, or held by an article that is itself to be taken back: two articles may have swapped theirs.
Result<bool> Judge::macro_is_free(const std::string& macro, const storage::ItemRecord& record) {
  if (record.kind != ItemKind::article || macro.empty()) return true;
  return store_.items().macro_is_free(job_.department, macro, *record.id, target_);
}

/// An earlier undo of the same job has taken the item back already.
void Judge::leave(const storage::ItemRecord& record, JudgedItem& item) {
  item.reversal = storage::Reversal{};
  item.reversal->action = Action::leave;
  item.reversal->kind = record.kind;
}

Result<bool> Judge::parent_is_there(const storage::ItemRecord& record) {
  const std::string parent = parent_of(record.path);
  if (!has_parent(record.kind) || parent.empty() || again_.contains(key(record.kind, parent))) return true;
  auto& base = store_.knowledge();
  WB_TRY(const auto found, record.kind == ItemKind::topic ? base.find_topic(job_.department, parent)
                                                          : base.find_folder(job_.department, parent));
  return found.has_value();
}

bool to_take_back(const storage::ItemRecord& item) {
  return item.outcome == Outcome::created || item.outcome == Outcome::updated ||
         item.outcome == Outcome::removed;
}

}  // namespace

Result<void> JobRun::load_done() {
  if (!job_.target) return {};
  return done_.load(store_, *job_.target);
}

Result<void> JobRun::take_back() {
  writer_.set_phase(Phase::processing);
  if (!job_.total) {
    WB_TRY(const auto counts, store_.items().counts(*job_.target));
    std::int64_t total = 0;
    for (const auto& count : counts) {
      storage::ItemRecord item;
      item.outcome = count.outcome;
      if (to_take_back(item)) total += count.items;
    }
    writer_.set_total(total);
    writer_.note(Level::info, std::to_string(total) + " items to take back.");
    WB_CHECK_OK(writer_.flush());
  }
  Judge judge(store_, job_);
  WB_CHECK_OK(judge.load());
  storage::ItemFilter filter;
  filter.newest_first = true;
  filter.limit = kPage;
  for (;;) {
    WB_TRY(const auto page, store_.items().list(*job_.target, filter));
    for (const auto& record : page) {
      if (!to_take_back(record)) continue;
      if (writer_.must_skip()) {
        writer_.skip();
        continue;
      }
      WB_TRY(JudgedItem item, judge.judge(record));
      WB_CHECK_OK(writer_.add(std::move(item)));
    }
    if (page.size() < kPage) return writer_.flush();
    filter.after = page.back().number;
  }
}

}  // namespace waybill::worker
