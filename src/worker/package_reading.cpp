#include "worker/package_reading.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <set>
#include <utility>

#include "package/article_stream.h"

namespace waybill::worker {

using report::Finding;
using report::ItemKind;
using report::Rule;

bool any_error(const validation::Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity() == report::Severity::error; });
}

namespace {

Finding package_finding(Rule rule, report::Location location, std::string message) {
  return {
      rule, ItemKind::package, {}, std::move(location), std::move(message), std::string(info(rule).remedy)};
}

struct NamedFile {
  package::FileIndex index;
  std::string path;
};

/// The first of these paths that is there.
std::optional<NamedFile> find_first(const package::FileTree& files,
                                    std::initializer_list<const char*> paths) {
  for (const char* path : paths) {
    if (const auto found = files.find(path)) return NamedFile{*found, path};
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(const package::FileTree& files, const Options& options, const Department& department,
         knowledge::KnowledgeBase& base, const Context& context)
      : files_(files), options_(options), department_(department), base_(base), context_(context) {}

  Result<PackageReading> read() {
    out_.files = &files_;
    const auto hub = find_first(files_, {"knowledgehub/knowledgehub.json", "knowledgehub/knowledge.json"});
    const auto articles =
        find_first(files_, {"knowledgehub/articles/articles.json", "knowledgehub/articles/article.json"});
    if (!hub && !articles) {
      add(package_finding(Rule::package_empty, {},
                          "There is neither knowledgehub/knowledgehub.json nor "
                          "knowledgehub/articles/articles.json in the package."));
    }
    WB_CHECK_OK(read_manifest());
    if (hub) WB_CHECK_OK(read_hub(*hub));
    if (articles) WB_CHECK_OK(index_articles(*articles));
    out_.index.finish();
    validation::check_counts(manifest_document_ ? &out_.manifest : nullptr,
                             manifest_document_ ? &*manifest_document_ : nullptr, manifest_path_, out_.counts,
                             out_.findings);
    return std::move(out_);
  }

 private:
  void add(Finding finding) { out_.findings.push_back(std::move(finding)); }

  void add(const package::JsonDefect& defect, const std::string& path) {
    add(package_finding(defect.rule, {path, {}, defect.position.line, defect.position.column},
                        defect.message));
  }

  /// A whole JSON file; nullopt where it has a finding instead.
  Result<std::optional<package::JsonDocument>> read_json(const NamedFile& file) {
    std::string text;
    if (auto done = files_.read(file.index, options_.limits.hub_file_bytes, text, context_); !done) {
      if (done.error().code == ErrorCode::limit_exceeded) {
        add(package_finding(Rule::json_size, {file.path, {}, 0, 0}, done.error().message));
      } else if (done.error().code == ErrorCode::corrupt) {
        add(package_finding(Rule::entry_corrupt, {file.path, {}, 0, 0}, done.error().message));
      } else {
        return std::move(done).error();
      }
      return std::optional<package::JsonDocument>();
    }
    auto outcome = reader_.read(std::move(text), {}, options_.limits.json_depth);
    if (!outcome.document) add(outcome.defect, file.path);
    return std::move(outcome.document);
  }

  Result<void> read_manifest() {
    const auto file = find_first(files_, {"manifest.json"});
    if (!file) {
      add(package_finding(Rule::manifest_missing, {}, "The package has no manifest.json."));
      return {};
    }
    manifest_path_ = file->path;
    WB_TRY(manifest_document_, read_json(*file));
    if (!manifest_document_) return {};
    out_.manifest = validation::check_manifest(*manifest_document_, manifest_path_, out_.findings);
    validation::check_department(out_.manifest, *manifest_document_, manifest_path_, department_,
                                 out_.findings);
    if (!out_.manifest.language.empty()) out_.default_language = out_.manifest.language;
    return {};
  }

  Result<void> read_hub(const NamedFile& file) {
    WB_TRY(const auto document, read_json(file));
    if (!document) return {};
    validation::Hub& hub = out_.hub;
    hub = validation::check_hub(*document, file.path);
    std::move(hub.findings.begin(), hub.findings.end(), std::back_inserter(out_.findings));
    hub.findings.clear();
    const auto find_folder = [&](std::string_view path) { return base_.find_folder(department_, path); };
    const auto find_topic = [&](std::string_view path) { return base_.find_topic(department_, path); };
    WB_CHECK_OK(refuse_orphans(hub.folders, ItemKind::folder, find_folder));
    WB_CHECK_OK(refuse_orphans(hub.topics, ItemKind::topic, find_topic));
    for (const auto& folder : hub.folders) {
      if (folder.acceptable) out_.index.add_folder(folder.item.path);
    }
    for (const auto& topic : hub.topics) {
      if (topic.acceptable) out_.index.add_topic(topic.item.path);
    }
    out_.counts.folders = static_cast<std::int64_t>(hub.folders.size());
    out_.counts.topics = static_cast<std::int64_t>(hub.topics.size());
    out_.counts.portals = static_cast<std::int64_t>(hub.portals.size());
    return {};
  }

  /// Nothing is made below what is not made.
  template <typename Items, typename Find>
  Result<void> refuse_orphans(Items& items, ItemKind kind, Find find) {
    std::set<std::string, std::less<>> refused;
    std::set<std::string, std::less<>> accepted;
    for (auto& item : items) {
      const std::string& path = item.item.path;
      const auto slash = path.rfind('/');
      const std::string parent = slash == std::string::npos ? std::string() : path.substr(0, slash);
      if (item.acceptable && refused.contains(parent) && !accepted.contains(parent)) {
        WB_TRY(const auto existing, find(parent));
        if (!existing) {
          item.acceptable = false;
          item.findings.push_back({Rule::item_failed, kind, path, item.location,
                                   "The " + std::string(to_string(kind)) + " above it, '" + parent +
                                       "', has an error and is not made.",
                                   "Mend '" + parent + "' first."});
        }
      }
      (item.acceptable ? accepted : refused).insert(path);
    }
    return {};
  }

  Result<void> index_articles(const NamedFile& file) {
    out_.articles_file = file.index;
    out_.articles_path = file.path;
    auto opened = package::ArticleStream::open(files_, file.index, options_.limits, context_);
    if (!opened) return stream_error(std::move(opened).error(), file);
    package::ArticleStream& stream = **opened;
    for (;;) {
      WB_CHECK_OK(context_.check());
      auto next = stream.next();
      if (!next) return stream_error(std::move(next).error(), file);
      if (!*next) break;
      ++out_.counts.articles;
      // More than the limit is counted alone: the job fails.
      if (out_.counts.total() <= static_cast<std::int64_t>(validation::Limits::kItems)) {
        index_article(std::move(**next), stream.pointer_prefix());
      }
    }
    if (stream.defect()) add(*stream.defect(), file.path);
    for (const package::OtherMember& member : stream.other_members()) {
      add(package_finding(Rule::article_unknown_member,
                          {file.path, {}, member.position.line, member.position.column},
                          "The member '" + member.name + "' beside \"articles\" is not known."));
    }
    return {};
  }

  void index_article(package::ArticleText article, std::string_view pointer_prefix) {
    if (article.too_large) return out_.index.add_unknown_article();
    auto outcome = reader_.read(std::move(article.text), article.start, options_.limits.json_depth);
    if (!outcome.document) return out_.index.add_unknown_article();
    const auto checked = validation::check_article(
        *outcome.document, out_.articles_path,
        std::string(pointer_prefix) + "/" + std::to_string(article.index), out_.default_language);
    out_.index.add_article(checked.item, checked.acceptable);
  }

  /// Damage is the package's, everything else is the way to it.
  Result<void> stream_error(Error error, const NamedFile& file) {
    if (error.code == ErrorCode::corrupt) {
      add(package_finding(Rule::entry_corrupt, {file.path, {}, 0, 0}, std::move(error.message)));
      return {};
    }
    if (error.code == ErrorCode::limit_exceeded) {
      add(package_finding(Rule::json_size, {file.path, {}, 0, 0}, std::move(error.message)));
      return {};
    }
    return error;
  }

  const package::FileTree& files_;
  const Options& options_;
  const Department& department_;
  knowledge::KnowledgeBase& base_;
  const Context& context_;
  package::JsonReader reader_;
  PackageReading out_;
  std::string manifest_path_;
  std::optional<package::JsonDocument> manifest_document_;
};

}  // namespace

Result<PackageReading> read_package(const package::FileTree& files, const Options& options,
                                    const Department& department, knowledge::KnowledgeBase& base,
                                    const Context& context) {
  return Reader(files, options, department, base, context).read();
}

}  // namespace waybill::worker
