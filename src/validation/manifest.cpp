#include <cmath>

#include "base/text.h"
#include "validation/checks.h"
#include "validation/members.h"
#include "validation/values.h"

namespace waybill::validation {

using package::JsonDocument;
using package::JsonKind;
using package::JsonValue;
using report::ItemKind;
using report::Rule;

namespace {

constexpr auto kManifestMembers = std::to_array<Member>({
    {"$schema", JsonKind::string},  // what editors look for
    {"formatVersion", JsonKind::string},
    {"name", JsonKind::string},
    {"description", JsonKind::string},
    {"createdDate", JsonKind::string},
    {"generator", JsonKind::string},
    {"language", JsonKind::string},
    {"department", JsonKind::string},
    {"counts", JsonKind::object},
});
constexpr auto kCountMembers = std::to_array<Member>({
    {"folders", JsonKind::number},
    {"articles", JsonKind::number},
    {"topics", JsonKind::number},
    {"portals", JsonKind::number},
    {"total", JsonKind::number},
});
constexpr Shape kManifest{"the manifest", Rule::manifest_type, Rule::manifest_unknown_member,
                          kManifestMembers};
constexpr Shape kCounts{"the manifest's counts", Rule::manifest_type, Rule::manifest_unknown_member,
                        kCountMembers};
constexpr std::string_view kFormatVersion = "1.0";

std::string text_of(const JsonValue& object, std::string_view name) {
  const JsonValue* value = member_of(object, name, JsonKind::string);
  return value == nullptr ? std::string() : std::string(value->text);
}

void check_format_version(Reporter& reporter, const JsonValue& root, const Trail& trail) {
  const JsonValue* version = member_of(root, "formatVersion", JsonKind::string);
  if (version == nullptr || version->text == kFormatVersion) return;
  reporter.report(Rule::manifest_format_version, trail.member("formatVersion"), *version,
                  "Expected the format version \"1.0\", found " + quoted(version->text) + ".");
}

void check_created_date(Reporter& reporter, const JsonValue& root, const Trail& trail) {
  const JsonValue* date = member_of(root, "createdDate", JsonKind::string);
  if (date == nullptr || parse_time(date->text)) return;
  Problem problem = date_problem(date->text);
  reporter.report(Rule::manifest_value, trail.member("createdDate"), *date, std::move(problem.message),
                  std::move(problem.advice));
}

std::string read_language(Reporter& reporter, const JsonValue& root, const Trail& trail) {
  const JsonValue* language = member_of(root, "language", JsonKind::string);
  if (language == nullptr) return {};
  if (auto problem = language_problem(language->text)) {
    reporter.report(Rule::manifest_value, trail.member("language"), *language, std::move(problem->message),
                    std::move(problem->advice));
    return {};
  }
  return std::string(language_of_older_spelling(language->text).value_or(language->text));
}

/// A count as an integer, where it is one that JSON carries exactly.
std::optional<std::int64_t> read_count(const JsonValue& counts, std::string_view name) {
  constexpr double kLargest = 9007199254740991.0;  // 2^53 - 1 (RFC 8259, section 6)
  const JsonValue* value = member_of(counts, name, JsonKind::number);
  if (value == nullptr || value->number < 0 || value->number > kLargest) return std::nullopt;
  if (std::floor(value->number) < value->number) return std::nullopt;
  return static_cast<std::int64_t>(value->number);
}

void check_count_values(Reporter& reporter, const JsonValue& counts, const Trail& trail) {
  for (const Member& member : kCountMembers) {
    const JsonValue* value = member_of(counts, member.name, JsonKind::number);
    if (value == nullptr || read_count(counts, member.name)) continue;
    reporter.report(Rule::manifest_value, trail.member(member.name), *value,
                    quoted(member.name) + ": expected a whole number from 0, found " +
                        truncate_utf8(value->text, 60) + ".",
                    "Write the number of " + std::string(member.name == "total" ? "items" : member.name) +
                        " in the package.");
  }
}

}  // namespace

Manifest check_manifest(const JsonDocument& document, std::string_view file, Findings& findings) {
  Reporter reporter(document, file, ItemKind::package, {}, findings);
  const Trail trail("");
  const JsonValue& root = document.root();
  if (!check_shape(reporter, root, trail, kManifest)) return {};

  Manifest manifest;
  check_format_version(reporter, root, trail);
  check_created_date(reporter, root, trail);
  manifest.name = text_of(root, "name");
  manifest.description = text_of(root, "description");
  manifest.language = read_language(reporter, root, trail);
  manifest.department = text_of(root, "department");
  if (const JsonValue* counts = member_of(root, "counts", JsonKind::object)) {
    const Trail at = trail.member("counts");
    check_shape(reporter, *counts, at, kCounts);
    check_count_values(reporter, *counts, at);
    manifest.folders = read_count(*counts, "folders");
    manifest.articles = read_count(*counts, "articles");
    manifest.topics = read_count(*counts, "topics");
    manifest.portals = read_count(*counts, "portals");
  }
  return manifest;
}

namespace {

void compare_counts(const JsonDocument& document, std::string_view file, const ItemCounts& there,
                    Findings& findings) {
  const JsonValue* counts = member_of(document.root(), "counts", JsonKind::object);
  if (counts == nullptr) return;
  Reporter reporter(document, file, ItemKind::package, {}, findings);
  const Trail root("");
  const Trail trail = root.member("counts");
  const auto compare = [&](std::string_view name, std::string_view items, std::int64_t actual) {
    const auto promised = read_count(*counts, name);
    if (!promised || *promised == actual) return;
    reporter.report(Rule::manifest_counts, trail.member(name), *counts->find(name),
                    "The manifest counts " + std::to_string(*promised) + " " + std::string(items) +
                        ", the package has " + std::to_string(actual) + ".");
  };
  compare("folders", "folders", there.folders);
  compare("articles", "articles", there.articles);
  compare("topics", "topics", there.topics);
  compare("portals", "portals", there.portals);
  compare("total", "items", there.total());
}

void check_limit(Rule rule, std::string_view items, std::int64_t count, std::size_t most,
                 Findings& findings) {
  if (count <= static_cast<std::int64_t>(most)) return;
  findings.push_back({rule,
                      ItemKind::package,
                      {},
                      {},
                      "The package has " + std::to_string(count) + " " + std::string(items) + ", at most " +
                          std::to_string(most) + " are allowed.",
                      std::string(report::info(rule).remedy)});
}

}  // namespace

void check_counts(const Manifest* manifest, const JsonDocument* document, std::string_view file,
                  const ItemCounts& counts, Findings& findings) {
  if (manifest != nullptr && document != nullptr) compare_counts(*document, file, counts, findings);
  check_limit(Rule::package_item_limit, "items", counts.total(), Limits::kItems, findings);
  check_limit(Rule::package_topic_limit, "topics", counts.topics, Limits::kTopics, findings);
}

void check_department(const Manifest& manifest, const JsonDocument& document, std::string_view file,
                      const Department& department, Findings& findings) {
  if (manifest.department.empty() || manifest.department == department.value()) return;
  const JsonValue* value = member_of(document.root(), "department", JsonKind::string);
  Reporter reporter(document, file, ItemKind::package, {}, findings);
  const Trail root("");
  reporter.report(Rule::manifest_department, root.member("department"), value != nullptr ? value->offset : 0,
                  "The package is meant for the department " + quoted(manifest.department) +
                      ", the job belongs to " + quoted(department.value()) + ".");
}

}  // namespace waybill::validation
