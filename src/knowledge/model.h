#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/time.h"
#include "report/finding.h"

namespace waybill::knowledge {

/// Paths are full paths from the top, "Parent/Child", never with a leading or trailing '/'.
struct Folder {
  std::string path;
  std::string description;
};

struct Topic {
  std::string path;
  std::string description;
  std::vector<std::string> articles;  // article paths (folder path + '/' + name); every language of them
  std::vector<std::string> folders;   // the articles directly in these folders
};

struct Portal {
  std::string name;
  std::string description;
  std::vector<std::string> topics;   // topic paths
  std::vector<std::string> folders;  // folder paths
};

/// Bytes kept beside an article, by content in the blob store.
struct Resource {
  std::string name;  // attachment: its name; inline resource: its path relative to articles/
  std::string path;  // relative to articles/
  Sha256 hash{};
  std::uint64_t size = 0;
};

/// A link in a body to another article of the department.
struct ArticleLink {
  std::string url;  // as written in the body (decoded)
  std::string target_folder;
  std::string target_name;
  std::string target_language;
};

struct CustomAttribute {
  std::string name;
  std::string type;
  std::vector<std::string> values;
};

struct Tag {
  std::string category;  // may be empty
  std::string name;
};

struct Article {
  // identity, with the department
  std::string folder;  // folder path
  std::string name;
  std::string language;

  std::string description;
  std::string summary;
  std::string keywords;
  std::string additional_info;
  std::string macro;
  std::string type_name;
  std::optional<Time> availability;
  std::optional<Time> expiration;
  std::vector<CustomAttribute> attributes;
  std::vector<Tag> tags;
  std::string image_url;
  std::optional<bool> include_in_gen_ai;

  std::string content_path;  // relative to articles/
  std::string body;          // as in the package, byte for byte
  std::string text;          // what a reader sees, for search (package/html.h)
  std::vector<Resource> attachments;
  std::vector<Resource> inline_resources;  // those its body refers to
  std::vector<ArticleLink> links;

  std::string path() const { return folder + "/" + name; }
};

using Item = std::variant<Folder, Article, Topic, Portal>;

report::ItemKind kind_of(const Item& item);
std::string path_of(const Item& item);

/// SHA-256 of everything in the item that an import sets: two items are the same content where it is equal.
/// Of an article, `text` and `content_path` are left out: the one follows from the body, the other is the
/// package's affair.
Sha256 fingerprint(const Item& item);
/// Of an article, what fingerprint() takes from articles.json alone: not the body, resources and links.
Sha256 metadata_fingerprint(const Article& article);

/// What became of an item, or would. `refused`: not done, its findings say why. `removed`: by an undo alone.
/// The numbers stand in databases.
enum class Outcome : std::uint8_t { created, updated, unchanged, refused, removed };
inline constexpr std::size_t kOutcomes = 5;
std::string_view to_string(Outcome outcome);  // "created"
std::optional<Outcome> parse_outcome(std::string_view text);

/// Bytes as they are kept: raw DEFLATE (RFC 1951) that gives `size` bytes.
struct Packed {
  std::string bytes;
  std::uint64_t size = 0;
};

/// What an article has beyond its identity, macro and text, in the form in which it is kept
/// (storage/article_content.h).
struct ArticleContent {
  std::string metadata;
  Packed links;  // no bytes: there are none
  Packed body;
};

/// An item to be written with its fingerprint, computed beforehand and off the writer's thread.
struct Change {
  Item item;
  Sha256 fingerprint{};
  ArticleContent content = {};  // articles; the item's own body and links are not looked at
  /// Articles: what the check of the body came to, for the next one. The worker's affair; empty: nothing is
  /// kept.
  std::string body_check = {};
};

}  // namespace waybill::knowledge
