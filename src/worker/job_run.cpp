#include "worker/job_run.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace waybill::worker {

namespace {

constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kHubNames[] = {"knowledgehub/knowledgehub.json", "knowledgehub/knowledge.json"};
constexpr std::string_view kArticlesNames[] = {"knowledgehub/articles/articles.json",
                                               "knowledgehub/articles/article.json"};
// How often a job that waits looks whether it was asked to stop.
constexpr std::chrono::milliseconds kLook{50};
constexpr std::uint64_t kIndexStride = 512;

report::Finding package_finding(report::Rule rule, std::string file, std::string message) {
  return {rule,
          report::ItemKind::package,
          "",
          {std::move(file), "", 0, 0},
          std::move(message),
          std::string(report::info(rule).remedy)};
}

report::Finding defect_finding(const package::JsonDefect& defect, const std::string& file) {
  auto finding = package_finding(defect.rule, file, defect.message);
  finding.location.line = defect.position.line;
  finding.location.column = defect.position.column;
  return finding;
}

template <typename Names>
std::optional<package::FileIndex> find_any(const package::FileTree& files, const Names& names) {
  for (const std::string_view name : names) {
    if (const auto found = files.find(name)) return found;
  }
  return std::nullopt;
}

template <typename Checked>
PreparedItem prepared(const Checked& checked, report::ItemKind kind, std::string path) {
  PreparedItem item;
  item.kind = kind;
  item.path = std::move(path);
  item.location = checked.location;
  item.findings = checked.findings;
  item.acceptable = checked.acceptable;
  item.bytes = sizeof(PreparedItem);
  if (checked.acceptable) {
    item.change.item = checked.item;
    item.change.fingerprint = knowledge::fingerprint(item.change.item);
  }
  return item;
}

}  // namespace

JobRun::JobRun(const jobs::Job& job, const Options& options, storage::Store& store, jobs::StatusBoard& board,
               Indexer& indexer, const Context& context)
    : job_(job),
      options_(options),
      store_(store),
      context_(context),
      clock_(context.clock()),
      writer_(job, options, store, board, indexer, context.clock()),
      indexer_(indexer),
      skip_(job.position) {}

Result<jobs::Job> JobRun::run() {
  const auto outcome = stages();
  if (!outcome && outcome.error().code == ErrorCode::lease_lost) return outcome.error();
  return end(outcome);
}

Result<void> JobRun::stages() {
  WB_CHECK_OK(fetch());
  WB_CHECK_OK(read_package());
  WB_CHECK_OK(process_folders());
  WB_CHECK_OK(process_articles());
  WB_CHECK_OK(link());
  WB_CHECK_OK(report_unused());
  return update_index();
}

Result<void> JobRun::check_stop() {
  if (job_.stop && clock_.now() >= *job_.stop) {
    return Error{ErrorCode::cancelled, "The stop time has come."};
  }
  return context_.check();
}

void JobRun::report_all(validation::Findings findings) {
  for (auto& finding : findings) {
    if (finding.severity() == report::Severity::error) {
      if (package_errors_++ == 0) first_error_ = finding.message;
    }
    writer_.report(std::move(finding));
  }
}

Result<void> JobRun::refuse_if_found(std::size_t errors_before) {
  if (package_errors_ == errors_before) return {};
  std::string message = first_error_;
  if (package_errors_ > 1) {
    message += " (" + std::to_string(package_errors_ - 1) + " more such problems are in the log.)";
  }
  return Error{ErrorCode::invalid_argument, message};
}

Result<void> JobRun::fetch() {
  writer_.set_log_location(job_.log_location.empty() ? options_.server_log_location(job_.id)
                                                     : job_.log_location);
  WB_CHECK_OK(writer_.open_log());
  if (job_.position > 0 || !job_.source_version.empty()) {
    writer_.note(report::Level::info,
                 "Resumed at item " + std::to_string(job_.position + 1) + " by " + job_.owner + ".");
  } else {
    writer_.note(report::Level::info, std::string(to_string(job_.type)) + " of " + job_.source.path +
                                          " started by " + job_.owner + ", for " + job_.client.value() +
                                          " of department " + job_.department.value() + ".");
    if (!job_.traceparent.empty())
      writer_.note(report::Level::info, "Trace parent " + job_.traceparent + ".");
  }
  writer_.set_phase(jobs::Phase::fetching);
  WB_CHECK_OK(check_stop());
  WB_TRY(source_, options_.open_source(job_.source, job_.department));
  if (const auto location = source_->log_location(log_name(job_.id)); !location.empty()) {
    writer_.set_log_location(location);
  }
  WB_TRY(auto opened, package::open_package(*source_, options_.limits, context_));
  report_all(std::move(opened.findings));
  files_ = std::move(opened.files);
  WB_CHECK_OK(refuse_if_found(0));
  if (!job_.source_version.empty() && job_.source_version != files_->version()) {
    report_all({package_finding(report::Rule::package_changed, "",
                                "The package has changed since this job began to read it.")});
    return refuse_if_found(0);
  }
  writer_.set_source_version(files_->version());
  writer_.note(report::Level::info, "Found a " + opened.description + ".");
  return writer_.commit(nullptr);
}

Result<std::optional<package::JsonDocument>> JobRun::read_document(package::FileIndex file,
                                                                   std::uint64_t limit) {
  const std::string path(files_->path(file));
  std::string text;
  if (auto read = files_->read(file, limit, text, context_); !read) {
    if (read.error().code == ErrorCode::limit_exceeded) {
      report_all({package_finding(report::Rule::json_size, path, read.error().message)});
    } else if (read.error().code == ErrorCode::corrupt) {
      report_all({package_finding(report::Rule::entry_corrupt, path, read.error().message)});
    } else {
      return read.error();
    }
    return std::optional<package::JsonDocument>();
  }
  package::JsonReader reader;
  auto outcome = reader.read(std::move(text), {}, options_.limits.json_depth);
  if (!outcome.document) report_all({defect_finding(outcome.defect, path)});
  return std::move(outcome.document);
}

Result<void> JobRun::read_package() {
  writer_.set_phase(jobs::Phase::reading);
  const auto hub = find_any(*files_, kHubNames);
  const auto articles = find_any(*files_, kArticlesNames);
  if (!hub && !articles) {
    report_all({package_finding(
        report::Rule::package_empty, "",
        "Neither knowledgehub/knowledgehub.json nor knowledgehub/articles/articles.json is there.")});
    return refuse_if_found(0);
  }
  WB_CHECK_OK(read_manifest());
  WB_CHECK_OK(read_hub());
  if (articles) {
    articles_file_ = std::string(files_->path(*articles));
    WB_CHECK_OK(index_articles());
  }
  index_.finish();
  validation::ItemCounts counts;
  counts.folders = static_cast<std::int64_t>(hub_.folders.size());
  counts.articles = index_.count();
  counts.topics = static_cast<std::int64_t>(hub_.topics.size());
  counts.portals = static_cast<std::int64_t>(hub_.portals.size());
  validation::Findings findings;
  validation::check_counts(manifest_ ? &*manifest_ : nullptr,
                           manifest_document_ ? &*manifest_document_ : nullptr, kManifest, counts, findings);
  report_all(std::move(findings));
  // What is wrong with the package as a whole stops it here, before an item is touched, and all of it is
  // shown.
  WB_CHECK_OK(refuse_if_found(0));
  if (!writer_.total()) {
    writer_.note(report::Level::info, "Holds " + std::to_string(counts.folders) + " folders, " +
                                          std::to_string(counts.articles) + " articles, " +
                                          std::to_string(counts.topics) + " topics and " +
                                          std::to_string(counts.portals) + " portals.");
  }
  writer_.set_total(counts.total());
  WB_CHECK_OK(writer_.commit(nullptr));
  known_ =
      std::make_unique<PackageKnown>(options_, job_.department, *files_, hub_, index_, store_.knowledge());
  checker_ = std::make_unique<ArticleChecker>(*files_, articles_file_, manifest_ ? manifest_->language : "",
                                              options_.limits, *known_, index_,
                                              job_.type == jobs::JobType::import ? &store_.blobs() : nullptr);
  return {};
}

Result<void> JobRun::read_manifest() {
  const auto file = files_->find(kManifest);
  if (!file) {
    report_all({package_finding(report::Rule::manifest_missing, std::string(kManifest),
                                "manifest.json is not at the top of the package.")});
    return {};
  }
  WB_TRY(manifest_document_, read_document(*file, options_.limits.hub_file_bytes));
  if (!manifest_document_) return {};
  validation::Findings findings;
  manifest_ = validation::check_manifest(*manifest_document_, kManifest, findings);
  validation::check_department(*manifest_, *manifest_document_, kManifest, job_.department, findings);
  report_all(std::move(findings));
  return {};
}

Result<void> JobRun::read_hub() {
  const auto file = find_any(*files_, kHubNames);
  if (!file) return {};
  WB_TRY(const auto document, read_document(*file, options_.limits.hub_file_bytes));
  if (!document) return {};
  hub_ = validation::check_hub(*document, files_->path(*file));
  report_all(std::move(hub_.findings));
  return {};
}

Result<void> JobRun::index_articles() {
  const auto file = *files_->find(articles_file_);
  WB_TRY(const auto stream, package::ArticleStream::open(*files_, file, options_.limits, context_));
  package::JsonReader reader;
  const std::string language = manifest_ ? manifest_->language : "";
  for (;;) {
    auto text = stream->next();
    if (!text && text.error().code == ErrorCode::corrupt) {
      report_all({package_finding(report::Rule::entry_corrupt, articles_file_, text.error().message)});
      return {};
    }
    if (!text && text.error().code == ErrorCode::limit_exceeded) {
      report_all({package_finding(report::Rule::json_size, articles_file_, text.error().message)});
      return {};
    }
    if (!text) return text.error();
    if (!text->has_value()) break;
    if ((*text)->index % kIndexStride == 0) WB_CHECK_OK(check_stop());
    // Past the limit the rest is still counted, so that the finding can say how many there are.
    if (index_.count() > validation::Limits::kItems * 2) break;
    index_.add(parse_article(std::move(**text), articles_file_, stream->pointer_prefix(), language,
                             options_.limits, reader));
  }
  if (stream->defect()) report_all({defect_finding(*stream->defect(), articles_file_)});
  remark_on_members(*stream);
  return {};
}

void JobRun::remark_on_members(const package::ArticleStream& stream) {
  for (const auto& member : stream.other_members()) {
    auto finding = package_finding(report::Rule::hub_unknown_member, articles_file_,
                                   "\"" + member.name + "\" is not known beside \"articles\".");
    finding.location.line = member.position.line;
    finding.location.column = member.position.column;
    report_all({std::move(finding)});
  }
}

Result<void> JobRun::brake() {
  if (options_.max_items_per_second == 0) return {};
  if (braked_items_ == 0) brake_from_ = clock_.steady();
  const auto due =
      brake_from_ + std::chrono::nanoseconds(braked_items_ * 1'000'000'000LL /
                                             static_cast<std::int64_t>(options_.max_items_per_second));
  ++braked_items_;
  std::mutex mutex;
  std::condition_variable never;  // nobody notifies: the wait ends by time, in steps that see a cancel
  std::unique_lock lock(mutex);
  while (clock_.steady() < due) {
    WB_CHECK_OK(check_stop());
    WB_CHECK_OK(writer_.commit_if_due(checker_.get()));
    never.wait_for(lock, std::min<std::chrono::nanoseconds>(kLook, due - clock_.steady()));
  }
  return {};
}

Result<void> JobRun::process_folders() {
  writer_.set_phase(jobs::Phase::processing);
  const auto count = static_cast<std::int64_t>(hub_.folders.size());
  for (std::int64_t i = std::min(skip_, count); i < count; ++i) {
    WB_CHECK_OK(check_stop());
    WB_CHECK_OK(brake());
    const auto& folder = hub_.folders[static_cast<std::size_t>(i)];
    WB_CHECK_OK(writer_.add(prepared(folder, report::ItemKind::folder, folder.item.path), nullptr));
  }
  return {};
}

Result<void> JobRun::process_articles() {
  if (index_.count() == 0) return {};
  const auto before = static_cast<std::int64_t>(hub_.folders.size());
  const auto first = static_cast<std::uint64_t>(std::max<std::int64_t>(0, skip_ - before));
  if (first >= index_.count()) return {};
  WB_TRY(const auto stream,
         package::ArticleStream::open(*files_, *files_->find(articles_file_), options_.limits, context_));
  ArticlePipeline pipeline(*stream, *checker_, first, options_.checkers, context_);
  for (;;) {
    WB_CHECK_OK(check_stop());
    PreparedItem item;
    WB_TRY(const auto got, pipeline.next(kLook, item));
    if (got == ArticlePipeline::Got::end) return {};
    if (got == ArticlePipeline::Got::item) {
      WB_CHECK_OK(brake());
      WB_CHECK_OK(writer_.add(std::move(item), checker_.get()));
    } else {
      WB_CHECK_OK(writer_.commit_if_due(checker_.get()));
    }
  }
}

Result<void> JobRun::link() {
  WB_CHECK_OK(writer_.commit(checker_.get()));
  writer_.set_phase(jobs::Phase::linking);
  const auto topics = static_cast<std::int64_t>(hub_.topics.size());
  const auto portals = static_cast<std::int64_t>(hub_.portals.size());
  const auto before = static_cast<std::int64_t>(hub_.folders.size()) + index_.count();
  for (std::int64_t i = std::max<std::int64_t>(0, skip_ - before); i < topics + portals; ++i) {
    WB_CHECK_OK(check_stop());
    WB_CHECK_OK(brake());
    PreparedItem item;
    if (i < topics) {
      auto& topic = hub_.topics[static_cast<std::size_t>(i)];
      validation::check_topic_context(topic, *known_);
      item = prepared(topic, report::ItemKind::topic, topic.item.path);
    } else {
      auto& portal = hub_.portals[static_cast<std::size_t>(i - topics)];
      validation::check_portal_context(portal, *known_);
      item = prepared(portal, report::ItemKind::portal, portal.item.name);
    }
    if (const auto failure = known_->failure()) return *failure;
    WB_CHECK_OK(writer_.add(std::move(item), checker_.get()));
  }
  return writer_.commit(checker_.get());
}

Result<void> JobRun::report_unused() {
  const auto before = static_cast<std::int64_t>(hub_.folders.size());
  const auto skipped =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(skip_ - before, 0, index_.count()));
  const auto unused = [&] {
    std::vector<std::string_view> paths;
    for (package::FileIndex file = 0; file < files_->count(); ++file) {
      const auto path = files_->path(file);
      const bool resource = path.starts_with("knowledgehub/articles/inline_resources/") ||
                            path.starts_with("knowledgehub/articles/resources/");
      if (resource && !checker_->used(file)) paths.push_back(path);
    }
    return paths;
  };
  auto paths = unused();
  if (!paths.empty() && skipped > 0) {
    // Articles that an earlier run has done may use them: look there, and nowhere else.
    WB_TRY(const auto stream,
           package::ArticleStream::open(*files_, *files_->find(articles_file_), options_.limits, context_));
    ArticleChecker::Scratch scratch;
    for (std::uint64_t i = 0; i < skipped; ++i) {
      WB_CHECK_OK(check_stop());
      WB_TRY(auto text, stream->next());
      if (!text) break;
      WB_CHECK_OK(checker_->check(std::move(*text), stream->pointer_prefix(), scratch, context_));
    }
    paths = unused();
  }
  if (paths.empty()) return {};
  constexpr std::size_t kNamed = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(paths.size(), kNamed); ++i)
    names += (i ? ", " : "") + std::string(paths[i]);
  report_all(
      {package_finding(report::Rule::resources_unused, "",
                       std::to_string(paths.size()) + (paths.size() == 1 ? " file is" : " files are") +
                           " used by nothing: " + names + (paths.size() > kNamed ? ", …" : "") + ".")});
  return {};
}

Result<void> JobRun::update_index() {
  writer_.set_phase(jobs::Phase::indexing);
  WB_CHECK_OK(writer_.commit(checker_.get()));
  if (job_.type != jobs::JobType::import || !options_.wait_for_index) return {};
  return indexer_.catch_up(context_);
}

}  // namespace waybill::worker
