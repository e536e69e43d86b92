#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/cancel.h"
#include "package/article_stream.h"
#include "worker/known.h"

namespace waybill::worker {

/// An item with everything known about it but what the knowledge base holds: ready for the writer to decide.
struct PreparedItem {
  report::ItemKind kind = report::ItemKind::article;
  std::string path;
  report::Location location;
  report::Location macro_location;  // article: where its macro stands
  validation::Findings findings;
  bool acceptable = true;
  knowledge::Change change;  // meaningful where acceptable
  std::size_t bytes = 0;     // about what it holds in memory
};

/// One article of articles.json by its own text alone: parsed and checked, or why it cannot be.
validation::CheckedArticle parse_article(package::ArticleText text, const std::string& file,
                                         std::string_view pointer_prefix, std::string_view default_language,
                                         const package::Limits& limits, package::JsonReader& reader);

/// Everything that one article needs beside the others': parse, rules, body, HTML pass, attachments,
/// fingerprint. Shared by the checker threads of a job; each brings a Scratch of its own.
class ArticleChecker {
 public:
  struct Scratch {
    package::JsonReader reader;
    package::HtmlContent html;
    std::string bytes;
  };

  /// `blobs` may be null: a validation keeps nothing.
  ArticleChecker(const package::FileTree& files, std::string file, std::string default_language,
                 const package::Limits& limits, const PackageKnown& known, const PackageIndex& index,
                 storage::BlobStore* blobs);

  /// Errors: what is wrong with the way to the package (unavailable, io, cancelled …), never with the
  /// article.
  Result<PreparedItem> check(package::ArticleText text, std::string_view pointer_prefix, Scratch& scratch,
                             const Context& context);

  /// Files of the package that some article uses.
  bool used(package::FileIndex file) const { return used_[file].load(std::memory_order_relaxed); }
  /// True once after blobs were put: they are to be synced before the commit that refers to them.
  bool take_unsynced() { return unsynced_.exchange(false); }

 private:
  struct Stored {
    Sha256 hash{};
    std::uint64_t size = 0;
  };
  Result<bool> read_body(validation::CheckedArticle& article, Scratch& scratch, const Context& context);
  Result<void> read_attachments(validation::CheckedArticle& article, Scratch& scratch,
                                const Context& context);
  Result<void> read_resources(validation::CheckedArticle& article, const std::vector<std::string>& paths,
                              Scratch& scratch, const Context& context);
  /// nullopt: the file is damaged, and the finding says so.
  Result<std::optional<Stored>> store(validation::CheckedArticle& article, package::FileIndex file,
                                      Scratch& scratch, const Context& context);

  const package::FileTree& files_;
  std::string file_, default_language_;
  package::Limits limits_;
  const PackageKnown& known_;
  const PackageIndex& index_;
  storage::BlobStore* blobs_;
  std::vector<std::atomic<bool>> used_;
  std::atomic<bool> unsynced_{false};
  std::mutex mutex_;
  std::unordered_map<package::FileIndex, Stored> stored_;
};

}  // namespace waybill::worker
