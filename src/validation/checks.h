#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "knowledge/model.h"
#include "package/html.h"
#include "package/json.h"
#include "report/finding.h"

// The rules of the contract, section 3: an item and what is known in, findings out. Pure: no I/O, no clock,
// no state. Every check reports all it finds, never only the first. Any thread.

namespace waybill::validation {

using Findings = std::vector<report::Finding>;

/// Limits of the contract: one table that code, schemas and docs share.
struct Limits {
  static constexpr std::size_t kItems = 100'000;
  static constexpr std::size_t kTopics = 50'000;
  static constexpr std::size_t kTopicsUnderOne = 2'500;
  static constexpr std::size_t kDepth = 20;
  static constexpr std::size_t kName = 255;
  static constexpr std::size_t kFolderDescription = 1'000;
  static constexpr std::size_t kTopicDescription = 255;
  static constexpr std::size_t kArticleDescription = 1'000;
  static constexpr std::size_t kArticleSummary = 1'024;
  static constexpr std::size_t kArticleKeywords = 1'024;
  static constexpr std::size_t kAdditionalInfo = 1'024;
  static constexpr std::size_t kMacro = 255;
  static constexpr std::size_t kTypeName = 255;
  static constexpr std::size_t kContentCharacters = 5'000'000;
  static constexpr std::size_t kAttributes = 15;
  static constexpr std::size_t kAttributeName = 4'000;
  static constexpr std::size_t kAttributeValue = 4'000;
  static constexpr std::size_t kAttachments = 50;
  static constexpr std::uint64_t kAttachmentBytes = 25ULL << 20;
  static constexpr std::size_t kImageUrl = 2'000;
};

/// The language codes of the contract, in its order.
const std::vector<std::string_view>& languages();
/// "da-DA" → "da-DK"; nullopt where `code` is no older spelling.
std::optional<std::string_view> language_of_older_spelling(std::string_view code);

struct Manifest {
  std::string name;
  std::string description;
  std::string language;                                            // default for articles; empty: none given
  std::string department;                                          // empty: none given
  std::optional<std::int64_t> folders, articles, topics, portals;  // counts, where given
};

/// Findings of severity error here make the job fail before an item is processed.
Manifest check_manifest(const package::JsonDocument& document, std::string_view file, Findings& findings);
/// After everything was counted: manifest_counts, package_item_limit, package_topic_limit. `manifest` may be
/// null.
struct ItemCounts {
  std::int64_t folders = 0, articles = 0, topics = 0, portals = 0;
  std::int64_t total() const { return folders + articles + topics + portals; }
};
void check_counts(const Manifest* manifest, const package::JsonDocument* document, std::string_view file,
                  const ItemCounts& counts, Findings& findings);
/// manifest_department: the manifest names another department than the job's.
void check_department(const Manifest& manifest, const package::JsonDocument& document, std::string_view file,
                      const Department& department, Findings& findings);

/// A folder, topic or portal with everything its own text says about it. `acceptable` is false where a
/// finding of severity error stands against it: it is counted as an item with an error and not done.
template <typename T>
struct Checked {
  T item;
  report::Location location;  // of the object
  Findings findings;
  bool acceptable = true;
};
/// Where each reference stands in the file, for the checks that come when all names are known: parallel to
/// the vectors of Topic and Portal.
struct ReferencePlaces {
  std::vector<report::Location> articles, folders, topics;
};
struct CheckedTopic : Checked<knowledge::Topic> {
  ReferencePlaces places;
};
struct CheckedPortal : Checked<knowledge::Portal> {
  ReferencePlaces places;
};

/// knowledgehub.json taken apart in the fixed order: folders parents first in the file's order, likewise
/// topics, then portals. An item without a usable name gets a path that shows its place ("Parent/(no name,
/// folders/3)").
struct Hub {
  std::vector<Checked<knowledge::Folder>> folders;
  std::vector<CheckedTopic> topics;
  std::vector<CheckedPortal> portals;
  Findings findings;  // of the file as a whole: hub_structure (error: the job fails), hub_unknown_member,
                      // topic_children_limit (error: the job fails)
};
Hub check_hub(const package::JsonDocument& document, std::string_view file);

/// An article's own text. Body, text, hashes and links are filled in by who reads the files.
struct AttachmentPlace {
  std::string name;
  std::string path;  // normalized, relative to articles/
  report::Location location;
};
struct CheckedArticle : Checked<knowledge::Article> {
  std::vector<AttachmentPlace> attachments;
  report::Location content_location;
  report::Location folder_location;
  report::Location macro_location;
  report::Location language_location;
  report::Location name_location;
  report::Location type_location;
};
/// `pointer` is the article's JSON pointer ("/articles/7"); `default_language` stands in where it names none
/// (the manifest's, else "en-US"). The article's item path in findings is "Folder/Name" as far as they are
/// known.
CheckedArticle check_article(const package::JsonDocument& document, std::string_view file,
                             std::string_view pointer, std::string_view default_language);
/// An article whose text is no acceptable JSON: one finding, not acceptable.
CheckedArticle defective_article(const package::JsonDefect& defect, std::string_view file,
                                 std::string_view pointer);

/// What a body may refer to: all of it in the package. Implemented by who knows (worker/).
class KnownFiles {
 public:
  virtual ~KnownFiles() = default;
  /// A file of the package, by its path relative to articles/; its size where it is there.
  virtual std::optional<std::uint64_t> file(std::string_view path) const = 0;
  /// Names of files in the same folder of the package, for "did you mean". At most 200.
  virtual std::vector<std::string> file_names(std::string_view folder) const = 0;
  /// The identity of the article whose content file this is.
  struct Identity {
    std::string folder, name, language;
  };
  virtual std::optional<Identity> article_of_content(std::string_view path) const = 0;
};

/// What an item may refer to, in its package and in the knowledge base.
class Known : public KnownFiles {
 public:
  virtual bool folder(std::string_view path) const = 0;
  virtual bool article(std::string_view path) const = 0;  // "Folder/Name", any language
  virtual bool topic(std::string_view path) const = 0;
  virtual bool language_enabled(std::string_view code) const = 0;
  virtual bool article_type(std::string_view name) const = 0;
  /// Names directly below a folder (empty: the top), for "did you mean". At most 200.
  virtual std::vector<std::string> folder_names(std::string_view parent) const = 0;
};

/// article_folder_unknown (names the nearest folder that exists), article_language_off, article_type_new,
/// article_content_missing, attachment_missing, attachment_size. Sets `acceptable`.
void check_article_context(CheckedArticle& article, const Known& known);
/// topic_article_unknown, topic_folder_unknown; portal_topic_unknown, portal_folder_unknown.
void check_topic_context(CheckedTopic& topic, const Known& known);
void check_portal_context(CheckedPortal& portal, const Known& known);

/// article_content_encoding, article_content_size; false where the body is not acceptable.
bool check_body(CheckedArticle& article, std::string_view body, std::string_view file);
/// References and active content of a body: findings with line and column in the content file, `links` of the
/// article, and in `resources` the paths (relative to articles/) of the package's files that the body uses,
/// each once. What it finds follows from the body, the article's path and content path, and the package's
/// files alone: the worker keeps it (worker/body_check.h).
void check_html(CheckedArticle& article, const package::HtmlContent& content, std::string_view body,
                std::string_view file, const KnownFiles& known, std::vector<std::string>& resources);

/// A relative URL of a body, without query and fragment and percent-decoded, from the folder of
/// `content_path`; a leading '/' means from articles/. nullopt where it leaves articles/ or cannot be
/// decoded.
std::optional<std::string> resolve_reference(std::string_view url, std::string_view content_path);
/// True for references that are left alone: with a scheme, "//host", "#…" or "?…" alone, or empty.
bool is_external(std::string_view url);

}  // namespace waybill::validation
