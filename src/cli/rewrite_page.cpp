#include <algorithm>
#include <optional>

#include "base/text.h"
#include "cli/pack_plan.h"

namespace waybill::cli {

namespace {

constexpr std::string_view kResources = "inline_resources/";
constexpr std::string_view kContent = "content/";

/// References that are left alone (contract, section 3).
bool is_external(std::string_view url) {
  if (url.empty() || url.starts_with("//") || url.front() == '#' || url.front() == '?') return true;
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon > url.find_first_of("/?#")) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return letter(url.front()) &&
         std::all_of(url.begin(), url.begin() + static_cast<std::ptrdiff_t>(colon), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

/// `relative` from `folder`, without "." and ".."; nullopt where it leaves the tree.
std::optional<std::string> joined(const std::string& folder, std::string_view relative) {
  std::vector<std::string_view> parts;
  const bool from_top = relative.starts_with('/');
  if (!from_top && !folder.empty()) parts = split(folder, '/');
  for (const std::string_view part : split(relative, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  std::string path;
  for (const std::string_view part : parts) path.append(path.empty() ? "" : "/").append(part);
  return path;
}

/// The way from a folder to a file, percent-encoded; both relative to the same place.
std::string way(const std::string& from_folder, const std::string& to_file) {
  const auto from = from_folder.empty() ? std::vector<std::string_view>() : split(from_folder, '/');
  const auto to = split(to_file, '/');
  std::size_t common = 0;
  while (common < from.size() && common + 1 < to.size() && from[common] == to[common]) ++common;
  std::string path;
  for (std::size_t i = common; i < from.size(); ++i) path += "../";
  for (std::size_t i = common; i < to.size(); ++i)
    path.append(i == common ? "" : "/").append(percent_encode(to[i]));
  return path;
}

/// Safe inside any attribute value, quoted or not.
std::string for_attribute(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '"':
      case '\'':
      case '<':
      case '>':
      case '`':
      case ' ':
        escaped += percent_encode(std::string_view(&c, 1));
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

/// What becomes of one reference.
struct Target {
  bool broken = false;
  std::optional<std::string> resource = {};  // path in the tree
  std::optional<std::string> path = {};      // to be written in place of the URL's path; none: stays
};

Target resolve(const SourceTree& tree, const std::string& page_folder, std::string_view url_path) {
  const auto decoded = percent_decode(url_path);
  const auto path = decoded ? joined(page_folder, *decoded) : std::nullopt;
  if (!path) return {.broken = true};
  const bool from_top = url_path.starts_with('/');
  if (!decoded->ends_with('/') && tree.is_page(*path)) {
    return {.path = from_top ? std::optional(way(page_folder, *path)) : std::nullopt};
  }
  for (const char* index : {"index.html", "index.htm"}) {
    const std::string inside = path->empty() ? std::string(index) : *path + "/" + index;
    if (tree.is_page(inside)) return {.path = way(page_folder, inside)};
  }
  if (decoded->ends_with('/') || !tree.is_file(*path)) return {.broken = true};
  const std::string from = page_folder.empty() ? "content" : std::string(kContent) + page_folder;
  return {.resource = *path, .path = way(from, std::string(kResources) + *path)};
}

}  // namespace

Rewritten rewrite_page(const SourceTree& tree, const std::string& path, std::string body,
                       package::HtmlContent& scratch) {
  scratch.clear();
  package::read_html(body, scratch);
  Rewritten result;
  result.title = scratch.title;
  std::sort(scratch.references.begin(), scratch.references.end(),
            [](const auto& a, const auto& b) { return a.begin < b.begin; });
  const std::string folder = folder_of(path);
  std::string out;
  std::size_t copied = 0;
  for (const package::HtmlReference& reference : scratch.references) {
    if (is_external(reference.url)) continue;
    const std::string_view url = reference.url;
    const std::size_t end = std::min(url.find_first_of("?#"), url.size());
    Target target = resolve(tree, folder, url.substr(0, end));
    result.broken += target.broken ? 1 : 0;
    if (target.resource) result.resources.push_back(std::move(*target.resource));
    if (!target.path || reference.begin < copied) continue;
    out.append(body, copied, reference.begin - copied);
    out += *target.path + for_attribute(url.substr(end));
    copied = reference.end;
  }
  if (copied == 0) {
    result.body = std::move(body);
    return result;
  }
  out.append(body, copied);
  result.body = std::move(out);
  return result;
}

}  // namespace waybill::cli
