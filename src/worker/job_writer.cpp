#include "worker/job_writer.h"

#include <algorithm>
#include <utility>

namespace waybill::worker {

JobWriter::JobWriter(const jobs::Job& job, const Options& options, storage::Store& store,
                     jobs::StatusBoard& board, Indexer& indexer, const Clock& clock)
    : job_(job),
      options_(options),
      store_(store),
      board_(board),
      indexer_(indexer),
      clock_(clock),
      source_version_(job.source_version),
      log_location_(job.log_location),
      total_(job.total),
      counts_(job.counts) {
  batch_.job = job.id;
  batch_.epoch = job.epoch;
  batch_.department = job.department;
  batch_.counts = job.counts;
}

Result<void> JobWriter::open_log() {
  WB_CHECK_OK(load_reported());
  WB_TRY(auto log, JobLog::open(options_.log_folder, job_.id, store_.reports()));
  log_ = std::move(log);
  return {};
}

Result<void> JobWriter::load_reported() {
  report::FindingFilter filter;
  filter.limit = 1'000;
  for (;;) {
    WB_TRY(const auto page, store_.reports().findings(job_.id, filter));
    for (const auto& row : page) {
      const auto& found = row.entry.finding;
      if (found.kind == report::ItemKind::package) {
        reported_.emplace(found.rule, found.location.file, found.location.pointer, found.message);
      }
    }
    if (page.size() < filter.limit) return {};
    filter.after = page.back().sequence;
  }
}

void JobWriter::set_phase(jobs::Phase phase) {
  phase_ = phase;
  publish();
}

void JobWriter::note(report::Level level, std::string message) {
  batch_.entries.push_back(report::make_entry(clock_.now(), level, std::move(message)));
}

void JobWriter::report(report::Finding finding) {
  if (!reported_.emplace(finding.rule, finding.location.file, finding.location.pointer, finding.message)
           .second)
    return;
  batch_.entries.push_back(report::make_entry(clock_.now(), std::move(finding)));
}

Result<std::optional<knowledge::Existing>> JobWriter::find(const knowledge::Item& item) {
  auto& base = store_.knowledge();
  const auto& department = job_.department;
  if (const auto* folder = std::get_if<knowledge::Folder>(&item))
    return base.find_folder(department, folder->path);
  if (const auto* topic = std::get_if<knowledge::Topic>(&item))
    return base.find_topic(department, topic->path);
  if (const auto* portal = std::get_if<knowledge::Portal>(&item))
    return base.find_portal(department, portal->name);
  const auto& article = std::get<knowledge::Article>(item);
  return base.find_article(department, article.folder, article.name, article.language);
}

Result<bool> JobWriter::macro_taken(const knowledge::Article& article,
                                    const std::optional<knowledge::Existing>& existing,
                                    ArticleChecker* checker) {
  if (article.macro.empty()) return false;
  const auto taken = [&]() -> Result<bool> {
    WB_TRY(const auto holder, store_.knowledge().find_macro(job_.department, article.macro));
    return holder.has_value() && (!existing || existing->id != *holder);
  };
  WB_TRY(const bool first_look, taken());
  if (!first_look || batch_.changes.empty()) return first_look;
  // An article in the open batch may have given the macro up.
  WB_CHECK_OK(commit(checker));
  return taken();
}

Result<JobWriter::Decision> JobWriter::decide(PreparedItem& item, ArticleChecker* checker) {
  if (!item.acceptable) return Decision{false, false};
  WB_TRY(const auto existing, find(item.change.item));
  if (const auto* article = std::get_if<knowledge::Article>(&item.change.item)) {
    WB_TRY(const bool taken, macro_taken(*article, existing, checker));
    if (taken) {
      item.findings.push_back({report::Rule::article_macro_duplicate, item.kind, item.path,
                               item.macro_location,
                               "Another article of the department has the macro \"" + article->macro + "\".",
                               std::string(report::info(report::Rule::article_macro_duplicate).remedy)});
      return Decision{false, false};
    }
  }
  if (!existing) return Decision{true, true};
  if (existing->fingerprint == item.change.fingerprint) return Decision{false, true};
  if (job_.operation == jobs::Operation::reimport) return Decision{true, true};
  item.findings.push_back({report::Rule::already_exists, item.kind, item.path, item.location,
                           "The knowledge base has this " + std::string(report::to_string(item.kind)) +
                               " with other content, as " + to_string(existing->id) + ".",
                           std::string(report::info(report::Rule::already_exists).remedy)});
  return Decision{false, false};
}

Result<void> JobWriter::add(PreparedItem item, ArticleChecker* checker) {
  WB_TRY(const Decision decision, decide(item, checker));
  const bool warned = std::any_of(
      item.findings.begin(), item.findings.end(),
      [](const report::Finding& finding) { return finding.severity() == report::Severity::warning; });
  ++(!decision.done ? counts_.errors : warned ? counts_.warnings : counts_.successful);
  if (!batch_began_) batch_began_ = clock_.steady();
  for (auto& finding : item.findings) {
    batch_.entries.push_back(report::make_entry(clock_.now(), std::move(finding)));
  }
  if (decision.write && imports()) {
    batch_.changes.push_back(std::move(item.change));
    batch_bytes_ += item.bytes;
  }
  ++batch_items_;
  if (batch_items_ >= options_.batch_items || batch_bytes_ >= options_.batch_bytes) return commit(checker);
  return commit_if_due(checker);
}

Result<void> JobWriter::commit_if_due(ArticleChecker* checker) {
  if (!batch_began_ || clock_.steady() - *batch_began_ < options_.batch_time) return {};
  return commit(checker);
}

Result<void> JobWriter::commit(ArticleChecker* checker) {
  if (checker != nullptr && checker->take_unsynced()) WB_CHECK_OK(store_.blobs().sync());
  batch_.now = clock_.now();
  batch_.phase = phase_;
  batch_.total = total_;
  batch_.counts = counts_;
  batch_.position = position();
  batch_.source_version = source_version_;
  batch_.log_location = log_location_;
  WB_CHECK_OK(store_.commit(batch_));
  if (log_) WB_CHECK_OK(log_->append(batch_.entries));
  if (!batch_.changes.empty()) indexer_.wake();
  batch_.changes.clear();
  batch_.entries.clear();
  batch_items_ = batch_bytes_ = 0;
  batch_began_.reset();
  if (total_) estimator_.observe(clock_.steady(), position(), *total_);
  publish();
  return {};
}

void JobWriter::publish() {
  jobs::Status status = jobs::status_of(job_);
  status.phase = phase_;
  status.total = total_;
  status.counts = batch_items_ == 0 ? counts_ : batch_.counts;
  status.log_location = log_location_;
  status.estimated_completion = estimator_.completion(clock_.now(), clock_.steady());
  publish(std::move(status));
}

void JobWriter::publish(jobs::Status status) {
  // Versions on the board grow with every snapshot, also with those that no commit stands behind.
  if (const auto shown = board_.find(status.id))
    status.version = std::max(status.version, shown->version + 1);
  board_.publish(std::move(status));
}

}  // namespace waybill::worker
