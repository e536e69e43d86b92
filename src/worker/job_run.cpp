#include "worker/job_run.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

#include "worker/article_checker.h"
#include "worker/article_pipeline.h"
#include "worker/resource_keeper.h"

namespace waybill::worker {

using jobs::Phase;
using report::ItemKind;
using report::Level;
using report::Rule;

JobRun::JobRun(const jobs::Job& job, const Options& options, storage::Store& store, jobs::StatusBoard& board,
               Indexer& indexer, JobControl& control, EndJob end_job)
    : job_(job),
      outages_before_(store.outages()),
      options_(options),
      store_(store),
      indexer_(indexer),
      control_(control),
      end_job_(std::move(end_job)),
      context_(control.context()),
      progress_(board, job_, control.context().clock()),
      log_(options.log_folder, job.id),
      writer_(job_, options, store, indexer, control, progress_, log_) {}

Result<jobs::Job> JobRun::run() {
  const Result<void> done = without_exceptions("running the job", [&] { return work(); });
  return finish(done);
}

Result<void> JobRun::work() {
  WB_CHECK_OK(begin());
  if (job_.type == jobs::JobType::undo) {
    WB_CHECK_OK(take_back());
    return index();
  }
  WB_CHECK_OK(fetch());
  WB_CHECK_OK(load_done());
  WB_CHECK_OK(read());
  WB_CHECK_OK(process_folders());
  WB_CHECK_OK(process_articles());
  WB_CHECK_OK(link());
  return index();
}

Result<void> JobRun::begin() {
  writer_.set_phase(Phase::fetching);
  WB_CHECK_OK(log_.rebuild(store_.reports()));
  if (job_.cancel_requested) control_.stop(StopReason::cancel, job_.cancel_requested_by);
  Result<std::unique_ptr<source::Source>> opened = std::unique_ptr<source::Source>();
  if (job_.type != jobs::JobType::undo) opened = options_.open_source(job_, context_);
  if (opened) source_ = std::move(*opened);
  const std::string location = source_ ? source_->log_location(log_name(job_.id)) : std::string();
  writer_.set_log_location(location.empty() ? server_log_location() : location);

  const std::string who = "worker " + options_.owner + ", epoch " + std::to_string(job_.epoch.value());
  const std::string trace = job_.traceparent.empty() ? std::string() : ", traceparent " + job_.traceparent;
  if (job_.position > 0 || job_.total) {
    writer_.note(Level::info,
                 "Resumed at item " + std::to_string(job_.position + 1) + " by " + who + trace + ".");
  } else {
    writer_.note(Level::info,
                 std::string(to_string(job_.type)) + " started by " + who + ": " + subject() + trace + ".");
  }
  WB_CHECK_OK(writer_.flush());
  if (!opened) return gone(std::move(opened).error());
  return context_.check();
}

Error JobRun::gone(Error error) const {
  const bool was_there = !job_.source_version.empty();
  if (was_there && error.code == ErrorCode::not_found) error.code = ErrorCode::unavailable;
  return error;
}

std::string JobRun::subject() const {
  const std::string target = job_.target ? to_string(*job_.target) : std::string();
  if (job_.type == jobs::JobType::undo) return "takes back the job " + target;
  std::string text = job_.source.path + ", operation " + std::string(to_string(job_.operation));
  if (job_.target) text += ", what the job " + target + " did not bring in";
  return text;
}

std::string JobRun::server_log_location() const {
  return options_.server_log_location ? options_.server_log_location(job_.id) : std::string();
}

Result<void> JobRun::fetch() {
  auto found = open_package(*source_, options_.limits, context_);
  if (!found) return gone(std::move(found).error());
  auto opened = std::move(found).value();
  // Once: a run that goes on has the same package, or fails below.
  if (!opened.description.empty() && job_.source_version.empty())
    writer_.note(Level::info, "Package: " + opened.description + ".");
  files_ = std::move(opened.files);
  if (!files_) return no_package(opened.findings);
  if (!job_.source_version.empty() && job_.source_version != files_->version()) {
    report::Finding changed{Rule::package_changed,
                            ItemKind::package,
                            {},
                            {},
                            "The package was changed under this job",
                            "Start a new job for it, and leave the package alone until that has ended."};
    writer_.report(changed);
    return Error{ErrorCode::invalid_argument, changed.message};
  }
  writer_.set_source_version(files_->version());
  opening_findings_ = std::move(opened.findings);
  return writer_.flush();
}

Result<void> JobRun::no_package(validation::Findings& findings) {
  const bool began = !job_.source_version.empty();  // with a package that could be opened
  if (began && findings.size() == 1 && findings.front().rule == Rule::package_not_found)
    return gone({ErrorCode::not_found, findings.front().message});
  auto judged = judge_package(findings);
  if (judged || !began) return judged;
  return Error{ErrorCode::invalid_argument,
               "The package was changed under this job: " + std::move(judged).error().message};
}

Result<void> JobRun::judge_package(validation::Findings& findings) {
  const auto refused = std::find_if(findings.begin(), findings.end(), [](const report::Finding& finding) {
    return finding.severity() == report::Severity::error;
  });
  std::string reason;
  if (refused != findings.end()) {
    reason = refused->message;
    const auto more = std::count_if(std::next(refused), findings.end(), [](const report::Finding& finding) {
      return finding.severity() == report::Severity::error;
    });
    if (more > 0) reason += " There are " + std::to_string(more) + " more such errors in the job's log.";
  }
  // An earlier run of this job has reported them.
  if (!log_.has_package_findings()) {
    for (report::Finding& finding : findings) writer_.report(std::move(finding));
  }
  findings.clear();
  if (!reason.empty()) return Error{ErrorCode::invalid_argument, std::move(reason)};
  return {};
}

Result<void> JobRun::read() {
  writer_.set_phase(Phase::reading);
  WB_TRY(package_, read_package(*files_, options_, job_.department, store_.knowledge(), context_));
  used_files_.assign(files_->count(), false);
  // All findings of the package in one commit, that of the total: a resume finds all of them or none.
  validation::Findings& findings = package_->findings;
  findings.insert(findings.begin(), std::make_move_iterator(opening_findings_.begin()),
                  std::make_move_iterator(opening_findings_.end()));
  WB_CHECK_OK(judge_package(findings));
  if (!job_.total) {
    const validation::ItemCounts& counts = package_->counts;
    const std::int64_t left_out = done_.count_in(*package_);
    writer_.set_total(counts.total() - left_out);
    if (left_out > 0) {
      writer_.note(Level::info,
                   std::to_string(left_out) + " items are there from earlier jobs and left out.");
    }
    writer_.note(Level::info, std::to_string(counts.total()) + " items: " + std::to_string(counts.folders) +
                                  " folders, " + std::to_string(counts.articles) + " articles, " +
                                  std::to_string(counts.topics) + " topics, " +
                                  std::to_string(counts.portals) + " portals.");
  }
  return writer_.flush();
}

namespace {

const std::string& name_of(const knowledge::Folder& folder) {
  return folder.path;
}
const std::string& name_of(const knowledge::Topic& topic) {
  return topic.path;
}
const std::string& name_of(const knowledge::Portal& portal) {
  return portal.name;
}

}  // namespace

template <typename Checked, typename Check>
Result<void> JobRun::add_hub_items(ItemKind kind, std::vector<Checked>& items, FindMany find, Check check) {
  constexpr std::size_t kAtOnce = 500;
  std::vector<std::optional<knowledge::Existing>> existing;  // of the items from `first` on
  std::size_t first = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (done_.take(kind, name_of(items[i].item))) continue;
    if (writer_.must_skip()) {
      writer_.skip();
      continue;
    }
    if (i >= first + existing.size()) {
      first = i;
      std::vector<std::string_view> names;
      for (std::size_t at = i; at < std::min(items.size(), i + kAtOnce); ++at) {
        names.push_back(name_of(items[at].item));
      }
      WB_TRY(existing, (store_.knowledge().*find)(job_.department, names));
    }
    WB_CHECK_OK(check(items[i]));
    WB_CHECK_OK(add_hub_item(kind, items[i], std::move(existing[i - first])));
  }
  return {};
}

template <typename Checked>
Result<void> JobRun::add_hub_item(ItemKind kind, Checked& checked,
                                  std::optional<knowledge::Existing> existing) {
  JudgedItem item;
  item.kind = kind;
  item.path = name_of(checked.item);
  item.location = std::move(checked.location);
  item.findings = std::move(checked.findings);
  item.acceptable = checked.acceptable;
  item.bytes = 1'000;
  if (item.acceptable) {
    item.existing = std::move(existing);
    item.change.item = std::move(checked.item);
    item.change.fingerprint = fingerprint(item.change.item);
  }
  return writer_.add(std::move(item));
}

Result<void> JobRun::process_folders() {
  writer_.set_phase(Phase::processing);
  return add_hub_items(ItemKind::folder, package_->hub.folders, &knowledge::KnowledgeBase::find_folders,
                       [](const auto&) { return Result<void>(); });
}

Result<void> JobRun::process_articles() {
  if (!package_->articles_file) return {};
  WB_TRY(const auto stream,
         package::ArticleStream::open(*files_, *package_->articles_file, options_.limits, context_));
  const FilesByPath by_path(*files_);
  storage::BlobStore* const blobs = job_.type == jobs::JobType::import ? &store_.blobs() : nullptr;
  ResourceKeeper resources(*files_, blobs);
  // A repair counts only what it does not leave out: where it stands in the file is not known.
  const auto skimmed = static_cast<std::uint64_t>(
      job_.target ? 0 : std::max<std::int64_t>(job_.position - package_->counts.folders, 0));
  const CheckerParts parts{*package_,
                           by_path,
                           options_,
                           job_.department,
                           store_.knowledge(),
                           resources,
                           std::string(stream->pointer_prefix()),
                           options_.keep_contents && job_.type == jobs::JobType::validation,
                           surroundings_of(options_.body_rules, package_->index, by_path),
                           job_.type == jobs::JobType::import,
                           skimmed};
  const auto make_checker = [&] { return std::make_unique<ArticleChecker>(parts); };
  writer_.set_resources(&resources);
  Result<void> done;
  {
    // Each checker reads its article's files, keeps them, and waits for both.
    const int checkers =
        std::max({options_.checkers, source_->reads_at_once(), blobs != nullptr ? blobs->puts_at_once() : 1});
    ArticlePipeline pipeline(*stream, checkers, make_checker, context_);
    done = write_articles(pipeline);
  }
  // What was decided is kept, whatever stopped the articles; the blobs it needs are known only here.
  if (auto flushed = writer_.flush(); done && !flushed) done = std::move(flushed);
  writer_.set_resources(nullptr);
  if (done && stream->defect()) {
    return Error{ErrorCode::invalid_argument, "articles.json changed while it was being read."};
  }
  return done;
}

Result<void> JobRun::write_articles(ArticlePipeline& pipeline) {
  for (;;) {
    JudgedItem item;
    WB_TRY(const auto got, pipeline.next(item, writer_.until_old()));
    if (got == ArticlePipeline::Got::end) return {};
    if (got == ArticlePipeline::Got::nothing_yet) {
      WB_CHECK_OK(writer_.flush_if_old());
      continue;
    }
    for (const package::FileIndex file : item.used_files) used_files_[file] = true;
    if (done_.take(ItemKind::article, item.path, item.language)) continue;
    if (writer_.must_skip()) {
      writer_.skip();
      continue;
    }
    WB_CHECK_OK(writer_.add(std::move(item)));
  }
}

Result<void> JobRun::link() {
  writer_.set_phase(Phase::linking);
  const FilesByPath by_path(*files_);
  PackageKnown known(package_->index, *files_, by_path, store_.knowledge(), job_.department, options_);
  WB_CHECK_OK(add_hub_items(ItemKind::topic, package_->hub.topics, &knowledge::KnowledgeBase::find_topics,
                            [&](auto& topic) {
                              check_topic_context(topic, known);
                              return known.take_error();
                            }));
  WB_CHECK_OK(add_hub_items(ItemKind::portal, package_->hub.portals, &knowledge::KnowledgeBase::find_portals,
                            [&](auto& portal) {
                              check_portal_context(portal, known);
                              return known.take_error();
                            }));
  return writer_.flush();
}

Result<void> JobRun::index() {
  if (files_) note_unused_files();
  // What is left out of a repair is counted by name, and a package may name one thing twice.
  if (job_.target && writer_.total() && writer_.position() != *writer_.total()) {
    writer_.set_total(writer_.position());
    writer_.note(Level::info, std::to_string(writer_.position()) + " items were to be done.");
  }
  if (!job_.writes() || !options_.wait_for_index) return writer_.flush();
  writer_.set_phase(Phase::indexing);
  WB_CHECK_OK(writer_.flush());
  // Shared with the indexer, which may answer after a stop has ended the wait.
  struct Answer {
    std::atomic<bool> there{false};
    Result<void> result;
  };
  const auto answer = std::make_shared<Answer>();
  indexer_.when_caught_up([answer, control = control_.weak()](Result<void> result) {
    answer->result = std::move(result);
    answer->there = true;
    if (const auto alive = control.lock()) alive->notify();
  });
  while (!answer->there && !context_.cancelled()) {
    control_.wait([&] { return answer->there.load(); }, std::chrono::seconds(1));
    progress_.refresh();
  }
  WB_CHECK_OK(context_.check());
  if (!answer->result) {
    // The rows are safe, and the index follows from its mark as soon as it can.
    writer_.note(Level::warning, "The search index is not up to date yet: " + answer->result.error().message);
  }
  return {};
}

void JobRun::note_unused_files() {
  constexpr std::size_t kNamed = 5;
  if (log_.has_unused_remark()) return;
  std::size_t unused = 0;
  std::string names;
  for (std::size_t i = 0; i < files_->count(); ++i) {
    const auto file = static_cast<package::FileIndex>(i);
    const std::string_view path = files_->path(file);
    if (!path.starts_with(kArticlesFolder) || used_files_[i] || file == package_->articles_file) continue;
    if (unused++ < kNamed)
      names += (names.empty() ? "" : ", ") + std::string(path.substr(kArticlesFolder.size()));
  }
  if (unused == 0) return;
  if (unused > kNamed) names += ", …";
  writer_.report({Rule::resources_unused,
                  ItemKind::package,
                  {},
                  {},
                  std::to_string(unused) + (unused == 1 ? " file" : " files") +
                      " below knowledgehub/articles/ " + (unused == 1 ? "is" : "are") +
                      " used by nothing: " + names + ".",
                  std::string(info(Rule::resources_unused).remedy)});
}

}  // namespace waybill::worker
