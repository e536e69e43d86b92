#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace waybill::report {

/// error: the item is not done (for the package: the job fails). warning: done, and somebody should look.
/// remark: done, worth knowing.
enum class Severity : std::uint8_t { remark, warning, error };
std::string_view to_string(Severity severity);  // "warning"

/// Every rule, once. A row: identifier, stable code, severity, title, what to do in general.
/// The codes are public: they stand in logs, findings, SARIF and the docs, and never change their meaning.
// clang-format off
#define WAYBILL_RULES(X) \
  /* the package as a whole: the job fails */ \
  X(package_not_found,        "package-not-found",        error,   "There is no package at the path",                      "Check dataSource.path: it names a zip, a folder that is a package, or a folder that holds exactly one zip.") \
  X(package_ambiguous,        "package-ambiguous",        error,   "The folder holds more than one zip",                   "Name the zip that is meant in dataSource.path.") \
  X(package_unreadable,       "package-unreadable",       error,   "The zip cannot be read",                               "Make the zip anew, and compare its size with the original after copying it.") \
  X(package_changed,          "package-changed",          error,   "The package changed while it was being read",          "Leave the package alone until its job has ended, and start the job again.") \
  X(package_empty,            "package-empty",            error,   "Nothing in it can be imported",                        "A package has knowledgehub/knowledgehub.json, knowledgehub/articles/articles.json or both, at its root or below one top folder.") \
  X(entry_path_unsafe,        "entry-path-unsafe",        error,   "An entry's path leaves the package",                   "Use relative paths with '/' between names, and no '..', drive letter or leading '/'.") \
  X(entry_link,               "entry-link",               error,   "An entry is a link or a special file",                 "Put the file itself into the package.") \
  X(entry_encrypted,          "entry-encrypted",          error,   "An entry is encrypted",                                "Make the zip without a password.") \
  X(entry_method,             "entry-method",             error,   "An entry is compressed by a method other than deflate", "Make the zip with the methods 'store' or 'deflate'.") \
  X(entry_duplicate,          "entry-duplicate",          error,   "Two entries have the same path",                       "Keep one of them.") \
  X(entry_overlap,            "entry-overlap",            error,   "Two entries share bytes of the zip",                   "Make the zip anew with a common tool.") \
  X(entry_name_encoding,      "entry-name-encoding",      error,   "An entry's name is not UTF-8",                         "Make the zip with a tool that writes names in UTF-8.") \
  X(entry_ratio_limit,        "entry-ratio-limit",        error,   "An entry unpacks to far more than any real content does", "Look at what the entry holds. Real text compresses at most a few hundred times.") \
  X(package_size_limit,       "package-size-limit",       error,   "The package unpacks to more than is allowed",          "Split the package.") \
  X(package_entry_limit,      "package-entry-limit",      error,   "The package has more files than are allowed",          "Split the package.") \
  X(entry_corrupt,            "entry-corrupt",            error,   "A file's bytes are damaged",                           "Make the zip anew; the checksum or the length of this file does not fit.") \
  X(package_item_limit,       "package-item-limit",       error,   "The package has more items than are allowed",          "Split the package.") \
  X(package_topic_limit,      "package-topic-limit",      error,   "The package has more topics than are allowed",         "Split the package, or merge topics.") \
  X(topic_children_limit,     "topic-children-limit",     error,   "One topic has more topics directly below it than are allowed", "Put a level of topics in between.") \
  /* any JSON file */ \
  X(json_syntax,              "json-syntax",              error,   "The file is not JSON",                                 "Mend the JSON at the place named.") \
  X(json_encoding,            "json-encoding",            error,   "The file is not UTF-8",                                "Save the file as UTF-8.") \
  X(json_depth,               "json-depth",               error,   "The JSON is nested too deep",                          "Flatten the structure.") \
  X(json_size,                "json-size",                error,   "A JSON value is larger than is allowed",               "Shorten the value; content belongs into files of its own.") \
  X(json_duplicate_member,    "json-duplicate-member",    error,   "A member stands twice in one object",                  "Keep one of them.") \
  /* manifest.json */ \
  X(manifest_missing,         "manifest-missing",         warning, "There is no manifest.json",                            "Add a manifest.json, {\"formatVersion\": \"1.0\"} is enough.") \
  X(manifest_type,            "manifest-type",            error,   "A member of the manifest has the wrong type",          "Use the type that is named.") \
  X(manifest_format_version,  "manifest-format-version",  error,   "The package's format version is not known",            "Write \"formatVersion\": \"1.0\".") \
  X(manifest_value,           "manifest-value",           error,   "A member of the manifest has a value that is not allowed", "Use one of the values that are named.") \
  X(manifest_department,      "manifest-department",      error,   "The package is meant for another department",          "Import it with a client of that department, or change \"department\".") \
  X(manifest_counts,          "manifest-counts",          error,   "The manifest's counts do not fit what is there",       "Make the package anew: something may be missing from it. Or correct \"counts\".") \
  X(manifest_unknown_member,  "manifest-unknown-member",  remark,  "The manifest has a member that is not known",          "Check its spelling, or take it out.") \
  /* knowledgehub.json */ \
  X(hub_structure,            "hub-structure",            error,   "knowledgehub.json has not the expected structure",     "Use {\"knowledge\": {\"folders\": [], \"topics\": [], \"portals\": []}}.") \
  X(hub_unknown_member,       "hub-unknown-member",       remark,  "A member is not known here",                           "Check its spelling, or take it out.") \
  X(folder_structure,         "folder-structure",         error,   "A folder has not the expected structure",              "Use the type that is named.") \
  X(folder_name,              "folder-name",              error,   "A folder's name is missing or not allowed",            "Give it a name of 1 to 255 characters without '/'.") \
  X(folder_description,       "folder-description",       error,   "A folder's description is too long",                   "Shorten it to at most 1000 characters.") \
  X(folder_depth,             "folder-depth",             error,   "Folders are nested deeper than 20 levels",             "Flatten the folders.") \
  X(folder_duplicate,         "folder-duplicate",         error,   "Two folders have the same path",                       "Merge them, or rename one.") \
  X(topic_structure,          "topic-structure",          error,   "A topic has not the expected structure",               "Use the type that is named.") \
  X(topic_name,               "topic-name",               error,   "A topic's name is missing or not allowed",             "Give it a name of 1 to 255 characters without '/'.") \
  X(topic_description,        "topic-description",        error,   "A topic's description is too long",                    "Shorten it to at most 255 characters.") \
  X(topic_depth,              "topic-depth",              error,   "Topics are nested deeper than 20 levels",              "Flatten the topics.") \
  X(topic_duplicate,          "topic-duplicate",          error,   "Two topics have the same path",                        "Merge them, or rename one.") \
  X(topic_article_unknown,    "topic-article-unknown",    warning, "A topic names an article that does not exist",         "Give the article's full path, Folder/Name.") \
  X(topic_folder_unknown,     "topic-folder-unknown",     warning, "A topic names a folder that does not exist",           "Give the folder's full path from the top.") \
  X(portal_structure,         "portal-structure",         error,   "A portal has not the expected structure",              "Use the type that is named.") \
  X(portal_name,              "portal-name",              error,   "A portal's name is missing or not allowed",            "Give it a name of 1 to 255 characters.") \
  X(portal_duplicate,         "portal-duplicate",         error,   "Two portals have the same name",                       "Merge them, or rename one.") \
  X(portal_topic_unknown,     "portal-topic-unknown",     warning, "A portal names a topic that does not exist",           "Give the topic's full path from the top.") \
  X(portal_folder_unknown,    "portal-folder-unknown",    warning, "A portal names a folder that does not exist",          "Give the folder's full path from the top.") \
  /* articles.json */ \
  X(articles_structure,       "articles-structure",       error,   "articles.json has not the expected structure",         "Use {\"articles\": [ … ]}.") \
  X(article_structure,        "article-structure",        error,   "A member of an article has the wrong type",            "Use the type that is named.") \
  X(article_unknown_member,   "article-unknown-member",   remark,  "An article has a member that is not known",            "Check its spelling, or take it out.") \
  X(article_name,             "article-name",             error,   "An article's name is missing or not allowed",          "Give it a name of 1 to 255 characters without '/'.") \
  X(article_folder,           "article-folder",           error,   "An article's folder is missing or not allowed",        "Give \"folder\": {\"path\": \"Parent/Child\"}.") \
  X(article_folder_unknown,   "article-folder-unknown",   error,   "An article's folder does not exist",                   "Add the folder to knowledgehub.json, or correct the path.") \
  X(article_content,          "article-content",          error,   "An article's content is missing or not allowed",       "Give the path of an HTML file, relative to articles/.") \
  X(article_content_missing,  "article-content-missing",  error,   "An article's content file is not in the package",      "Add the file, or correct the path.") \
  X(article_content_encoding, "article-content-encoding", error,   "An article's content is not UTF-8",                    "Save the file as UTF-8.") \
  X(article_content_size,     "article-content-size",     error,   "An article's content is too long",                     "Split the article: at most 5,000,000 characters.") \
  X(article_text_length,      "article-text-length",      error,   "A text of an article is too long",                     "Shorten it to the length that is named.") \
  X(article_macro,            "article-macro",            error,   "An article's macro is not allowed",                    "Use 1 to 255 characters, none of white space and <>`,.?;&\"'!/+.") \
  X(article_macro_duplicate,  "article-macro-duplicate",  error,   "An article's macro is taken",                          "A macro belongs to one article of a department: choose another.") \
  X(article_type,             "article-type",             error,   "An article's type is not allowed",                     "Give \"articleType\": {\"typeName\": \"…\"} with 1 to 255 characters.") \
  X(article_type_new,         "article-type-new",         remark,  "An article's type is new and will be made",            "Check its spelling if you did not mean to make a type.") \
  X(article_language,         "article-language",         error,   "An article's language is not known",                   "Use one of the language codes that are named.") \
  X(article_language_off,     "article-language-off",     error,   "An article's language is not enabled for the department", "Have the operator enable the language, or use one that is.") \
  X(article_language_old,     "article-language-old",     remark,  "An article's language has an older spelling",          "Write the newer one.") \
  X(article_date,             "article-date",             error,   "A date of an article is not allowed",                  "Write YYYY-MM-DDThh:mm:ss.mmmZ, a date that exists.") \
  X(article_date_order,       "article-date-order",       error,   "An article expires before it is available",            "Set expirationDate after availabilityDate.") \
  X(article_attribute,        "article-attribute",        error,   "A custom attribute is not allowed",                    "At most 15, each {name, type, value: […]}, name of 1 to 4000 characters, values of at most 4000.") \
  X(article_tags,             "article-tags",             error,   "A tag is not allowed",                                 "Use strings or {\"category\", \"name\"}.") \
  X(article_image_url,        "article-image-url",        error,   "An article's image address is not allowed",            "Use an http or https URL of at most 2000 characters.") \
  X(article_duplicate,        "article-duplicate",        error,   "Two articles have the same folder, name and language", "Rename one, or move it.") \
  X(attachment_invalid,       "attachment-invalid",       error,   "An attachment is not allowed",                         "At most 50, each {name, path} with a path below resources/.") \
  X(attachment_missing,       "attachment-missing",       error,   "An attachment's file is not in the package",           "Add the file, or correct the path.") \
  X(attachment_size,          "attachment-size",          error,   "An attachment's size is not allowed",                  "Attach files of 1 byte to 25 MiB.") \
  /* article bodies and resources */ \
  X(reference_broken,         "reference-broken",         warning, "A reference in a body leads nowhere",                  "Add the file to the package, or correct the reference.") \
  X(reference_invalid,        "reference-invalid",        warning, "A reference in a body cannot be read as a path",       "Percent-encode it as RFC 3986 says, and stay inside articles/.") \
  X(active_content,           "active-content",           warning, "A body has active content",                            "It is kept as it is and never run. Take it out if readers should not miss it.") \
  X(resources_unused,         "resources-unused",         remark,  "Files in the package are used by nothing",             "Take them out, or refer to them.") \
  /* against what the knowledge base holds */ \
  X(already_exists,           "already-exists",           error,   "It exists already with other content",                 "Use operation \"reimport\" to update it.") \
  X(undo_superseded,          "undo-superseded",          error,   "Something newer has touched what is to be undone",     "It is left as it is. Undo the newer job first, then this one again.") \
  X(undo_in_use,              "undo-in-use",              error,   "What is to be undone is used by something newer",      "It is left as it is. Undo the newer job first, then this one again.") \
  X(item_failed,              "item-failed",              error,   "The item could not be stored",                         "Look at the server's log for this job.")
// clang-format on

enum class Rule : std::uint8_t {
#define X(id, code, severity, title, remedy) id,
  WAYBILL_RULES(X)
#undef X
};

struct RuleInfo {
  Rule rule;
  std::string_view code;
  Severity severity;
  std::string_view title;   // what is wrong, in general
  std::string_view remedy;  // what to do, in general
};

/// The row of a rule; never fails.
const RuleInfo& info(Rule rule);
/// All rows, in the order above.
std::span<const RuleInfo> all_rules();
/// The rule of a code; nullopt where there is none.
std::optional<Rule> find_rule(std::string_view code);

}  // namespace waybill::report
