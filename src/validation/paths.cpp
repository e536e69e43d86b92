#include <algorithm>

#include "base/text.h"
#include "validation/checks.h"
#include "validation/members.h"
#include "validation/values.h"

namespace waybill::validation {

namespace {

bool ends_with(std::string_view text, std::string_view lower_case_end) {
  return text.size() >= lower_case_end.size() &&
         iequals(text.substr(text.size() - lower_case_end.size()), lower_case_end);
}

std::string join(const std::vector<std::string_view>& names) {
  std::string out;
  for (const auto name : names) {
    if (!out.empty()) out += '/';
    out += name;
  }
  return out;
}

/// The path with single '/' between its names and none at its ends.
std::string with_single_slashes(std::string_view path) {
  auto names = split(path, '/');
  std::erase(names, std::string_view());
  return join(names);
}

std::string write_instead(std::string_view value) {
  return value.empty() ? std::string() : "Write " + quoted(value) + ".";
}

/// What holds for every path of a file in the package; `file` is what to call it.
std::optional<Problem> file_path_problem(std::string_view path, std::string_view file) {
  const auto problem = [&](std::string_view what, std::string advice) {
    return Problem{
        "The path " + quoted(path) + " of the " + std::string(file) + " " + std::string(what) + ".",
        std::move(advice)};
  };
  if (path.empty()) return Problem{"The path of the " + std::string(file) + " is empty.", {}};
  if (path.find('\0') != std::string_view::npos) return problem("holds a NUL character", {});
  if (path.find('\\') != std::string_view::npos) {
    std::string slashes(path);
    std::replace(slashes.begin(), slashes.end(), '\\', '/');
    return problem("has a backslash", "Names of folders are separated by '/'. " + write_instead(slashes));
  }
  if (path.front() == '/') {
    return problem("starts with '/'",
                   "Paths are relative to articles/. " + write_instead(with_single_slashes(path)));
  }
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const auto name = path.substr(start, end - start);
    if (name.empty()) return problem("has an empty name", write_instead(with_single_slashes(path)));
    if (name == "..") return problem("has \"..\" in it", "Give the path from articles/ downwards.");
    if (name == "." && end == path.size()) return problem("names a folder", {});
    start = end + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> folder_path_problem(std::string_view path) {
  if (path.empty()) return Problem{"The folder's path is empty.", {}};
  std::size_t depth = 0;
  for (std::size_t start = 0; start <= path.size(); ++depth) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const auto name = path.substr(start, end - start);
    if (name.empty()) {
      const bool at_end = start == 0 || end == path.size();
      return Problem{"The folder's path " + quoted(path) +
                         (at_end ? " has a '/' at its beginning or end." : " has an empty name in it."),
                     write_instead(with_single_slashes(path))};
    }
    if (name.size() > Limits::kName && utf8_length(name) > Limits::kName) {
      return Problem{"The folder's path has a name of " + std::to_string(utf8_length(name)) +
                         " characters in it, at most " + std::to_string(Limits::kName) +
                         " are allowed: " + quoted(name) + ".",
                     {}};
    }
    start = end + 1;
  }
  if (depth > Limits::kDepth) {
    return Problem{"The folder's path is " + std::to_string(depth) + " folders deep, at most " +
                       std::to_string(Limits::kDepth) + " are allowed.",
                   {}};
  }
  return std::nullopt;
}

std::optional<Problem> content_path_problem(std::string_view path) {
  if (auto problem = file_path_problem(path, "content")) return problem;
  if (ends_with(path, ".html") || ends_with(path, ".htm") || ends_with(path, ".xhtml")) return std::nullopt;
  return Problem{"The content " + quoted(path) + " is no HTML file by its name.",
                 "Name a file that ends in .html, .htm or .xhtml."};
}

std::optional<Problem> attachment_path_problem(std::string_view path) {
  if (auto problem = file_path_problem(path, "attachment")) return problem;
  const std::string plain = without_dots(path);
  constexpr std::string_view kFolder = "resources/";
  if (plain.starts_with(kFolder)) return std::nullopt;
  std::string advice = "Put the file below articles/resources/";
  if (plain.find('/') == std::string::npos && plain != "resources") {
    advice += " and write " + quoted(std::string(kFolder) + plain);
  }
  return Problem{"The path " + quoted(path) + " of the attachment is not below resources/.", advice + "."};
}

std::string without_dots(std::string_view path) {
  if (path.find("./") == std::string_view::npos) return std::string(path);
  auto names = split(path, '/');
  std::erase(names, std::string_view("."));
  return join(names);
}

}  // namespace waybill::validation
