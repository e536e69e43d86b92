#include <utility>

#include "base/text.h"
#include "package/entry_path.h"
#include "package/file_tree.h"
#include "package/folder_tree.h"
#include "package/refusals.h"
#include "package/zip_tree.h"

namespace waybill::package {

namespace {

using report::Rule;

constexpr std::size_t kMaxZipsNamed = 20;

bool is_zip_name(std::string_view name) {
  constexpr std::string_view kEnding = ".zip";
  return name.size() > kEnding.size() && iequals(name.substr(name.size() - kEnding.size()), kEnding);
}

/// Uploads always are zips, whatever they were called where they came from.
bool is_upload(std::string_view uri) {
  return uri.starts_with("upload://");
}

Opened refuse(Rule rule, const std::string& uri, std::string message) {
  Refusals refusals;
  refusals.add(rule, "", std::move(message));
  Opened opened;
  opened.findings = refusals.take();
  opened.description = "no package at " + uri;
  return opened;
}

std::vector<std::string> zips_at_top(const std::vector<source::FileInfo>& listed) {
  std::vector<std::string> zips;
  for (const source::FileInfo& file : listed) {
    // Not the "._name.zip" that macOS leaves beside each file on a share.
    const bool at_top = file.path.find('/') == std::string::npos && !file.path.starts_with("._");
    if (at_top && is_zip_name(file.path)) zips.push_back(file.path);
  }
  return zips;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < kMaxZipsNamed; ++i)
    list += (i == 0 ? "" : ", ") + printable_path(names[i]);
  if (names.size() > kMaxZipsNamed) list += " and " + std::to_string(names.size() - kMaxZipsNamed) + " more";
  return list;
}

Result<Opened> open_zip_at(source::Source& source, const std::string& path, const Limits& limits,
                           const Context& context) {
  WB_TRY(auto file, source.open(path, context));
  std::string uri = source.uri();
  if (!path.empty()) uri += (uri.ends_with('/') ? "" : "/") + printable_path(path);
  const auto headers = source.is_far() ? LocalHeaders::check_when_read : LocalHeaders::check_at_open;
  auto opened = open_zip(std::move(file), uri, limits, context, headers);
  if (!opened && opened.error().code == ErrorCode::corrupt)
    return refuse(Rule::package_changed, source.uri(), opened.error().message + ".");
  return opened;
}

}  // namespace

Result<Opened> open_package(source::Source& source, const Limits& limits, const Context& context) {
  const std::string uri = source.uri();
  auto listed = source.list(context);
  if (!listed && listed.error().code == ErrorCode::invalid_argument)
    return refuse(Rule::entry_link, uri, listed.error().message + ".");
  if (!listed) return std::move(listed).error();

  const bool is_file = listed->size() == 1 && listed->front().path.empty();
  if (is_file) {
    if (is_zip_name(uri) || is_upload(uri)) return open_zip_at(source, "", limits, context);
    return refuse(Rule::package_not_found, uri, uri + " is a file whose name does not end in .zip.");
  }
  if (is_package_folder(*listed)) return open_folder(source, std::move(*listed), limits);
  const std::vector<std::string> zips = zips_at_top(*listed);
  if (zips.size() == 1) return open_zip_at(source, zips.front(), limits, context);
  if (zips.size() > 1) {
    return refuse(Rule::package_ambiguous, uri,
                  "The folder holds " + std::to_string(zips.size()) + " zips: " + list_of(zips) + ".");
  }
  return refuse(
      Rule::package_not_found, uri,
      "The folder " + uri + " has neither a package's files (manifest.json, knowledgehub/) nor a zip.");
}

}  // namespace waybill::package
