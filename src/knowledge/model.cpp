#include "knowledge/model.h"

#include <array>
#include <type_traits>

namespace waybill::knowledge {

namespace {

/// Feeds values to a hash so that different items never give the same bytes: every text and list is preceded
/// by its length, every optional by a flag, all numbers are 8 bytes, low byte first. The form is kept for
/// good, since stored fingerprints are compared with it: an addition goes to the end, under a new kFormat.
class Canonical {
 public:
  explicit Canonical(report::ItemKind kind) {
    number(kFormat);
    number(static_cast<std::uint64_t>(kind));
  }

  void number(std::uint64_t value) {
    std::array<char, 8> bytes{};
    for (char& byte : bytes) {
      byte = static_cast<char>(value & 0xFFU);
      value >>= 8U;
    }
    pending_.append(bytes.data(), bytes.size());
  }
  void text(std::string_view value) {
    number(value.size());
    pending_.append(value);
  }
  void texts(const std::vector<std::string>& values) {
    number(values.size());
    for (const std::string& value : values) text(value);
  }
  void time(const std::optional<Time>& value) {
    number(value ? 1 : 0);
    number(value ? static_cast<std::uint64_t>(value->time_since_epoch().count()) : 0);
  }
  void hash(const Sha256& value) { pending_.append(as_bytes(value)); }

  Sha256 finish() { return sha256(pending_); }

 private:
  static constexpr std::uint64_t kFormat = 1;
  // Small: an article's body enters by its hash.
  std::string pending_;
};

void add(Canonical& to, const std::vector<Resource>& resources) {
  to.number(resources.size());
  for (const Resource& resource : resources) {
    to.text(resource.name);
    to.text(resource.path);
    to.hash(resource.hash);
    to.number(resource.size);
  }
}

Sha256 fingerprint_of(const Folder& folder) {
  Canonical canonical(report::ItemKind::folder);
  canonical.text(folder.path);
  canonical.text(folder.description);
  return canonical.finish();
}

Sha256 fingerprint_of(const Topic& topic) {
  Canonical canonical(report::ItemKind::topic);
  canonical.text(topic.path);
  canonical.text(topic.description);
  canonical.texts(topic.articles);
  canonical.texts(topic.folders);
  return canonical.finish();
}

Sha256 fingerprint_of(const Portal& portal) {
  Canonical canonical(report::ItemKind::portal);
  canonical.text(portal.name);
  canonical.text(portal.description);
  canonical.texts(portal.topics);
  canonical.texts(portal.folders);
  return canonical.finish();
}

void add_metadata(Canonical& to, const Article& article) {
  for (const std::string* text : {&article.folder, &article.name, &article.language, &article.description,
                                  &article.summary, &article.keywords, &article.additional_info,
                                  &article.macro, &article.type_name, &article.image_url}) {
    to.text(*text);
  }
  to.time(article.availability);
  to.time(article.expiration);
  to.number(article.include_in_gen_ai ? (*article.include_in_gen_ai ? 2 : 1) : 0);
  to.number(article.attributes.size());
  for (const CustomAttribute& attribute : article.attributes) {
    to.text(attribute.name);
    to.text(attribute.type);
    to.texts(attribute.values);
  }
  to.number(article.tags.size());
  for (const Tag& tag : article.tags) {
    to.text(tag.category);
    to.text(tag.name);
  }
}

Sha256 fingerprint_of(const Article& article) {
  Canonical canonical(report::ItemKind::article);
  add_metadata(canonical, article);
  canonical.hash(sha256(article.body));
  add(canonical, article.attachments);
  add(canonical, article.inline_resources);
  canonical.number(article.links.size());
  for (const ArticleLink& link : article.links) {
    canonical.text(link.url);
    canonical.text(link.target_folder);
    canonical.text(link.target_name);
    canonical.text(link.target_language);
  }
  return canonical.finish();
}

}  // namespace

report::ItemKind kind_of(const Item& item) {
  constexpr std::array kKinds{report::ItemKind::folder, report::ItemKind::article, report::ItemKind::topic,
                              report::ItemKind::portal};
  static_assert(std::is_same_v<std::variant_alternative_t<1, Item>, Article>);
  return kKinds.at(item.index());
}

std::string path_of(const Item& item) {
  if (const auto* article = std::get_if<Article>(&item)) return article->path();
  if (const auto* folder = std::get_if<Folder>(&item)) return folder->path;
  if (const auto* topic = std::get_if<Topic>(&item)) return topic->path;
  return std::get<Portal>(item).name;
}

Sha256 metadata_fingerprint(const Article& article) {
  Canonical canonical(report::ItemKind::article);
  add_metadata(canonical, article);
  return canonical.finish();
}

Sha256 fingerprint(const Item& item) {
  return std::visit([](const auto& value) { return fingerprint_of(value); }, item);
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::created:
      return "created";
    case Outcome::updated:
      return "updated";
    case Outcome::unchanged:
      return "unchanged";
    case Outcome::refused:
      return "refused";
    case Outcome::removed:
      return "removed";
  }
  return "unknown";
}

std::optional<Outcome> parse_outcome(std::string_view text) {
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    if (text == to_string(static_cast<Outcome>(i))) return static_cast<Outcome>(i);
  }
  return std::nullopt;
}

}  // namespace waybill::knowledge
