#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <unordered_map>

#include "base/text.h"
#include "validation/checks.h"
#include "validation/item_path.h"
#include "validation/members.h"
#include "validation/nearest_file.h"

// Contract, section 3, "References in article HTML".

namespace waybill::validation {

using report::Rule;

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// RFC 3986, 3.1, up to the colon.
bool has_scheme(std::string_view url) {
  if (url.empty() || !is_letter(url.front())) return false;
  for (const char c : url) {
    if (c == ':') return true;
    const bool in_scheme = is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!in_scheme) return false;
  }
  return false;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Appends the decoded text; false where a '%' is not followed by two hex digits, or stands for NUL.
bool append_decoded(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high << 4 | low);
      i += 2;
    }
    if (c == '\0') return false;
    out += c;
  }
  return true;
}

/// Takes "." and ".." out of `path` in place, as RFC 3986, 5.2.4 does, but that a ".." above the top is an
/// error instead of nothing: false.
bool remove_dot_segments(std::string& path) {
  std::size_t write = 0;  // path[0, write) is done: empty, or whole names each with its '/'
  for (std::size_t read = 0; read < path.size();) {
    const std::size_t slash = path.find('/', read);
    const std::size_t end = slash == std::string::npos ? path.size() : slash + 1;
    const std::string_view name =
        std::string_view(path).substr(read, (slash == std::string::npos ? end : slash) - read);
    if (name == "..") {
      if (write == 0) return false;
      const std::size_t before = write >= 2 ? path.rfind('/', write - 2) : std::string::npos;
      write = before == std::string::npos ? 0 : before + 1;
    } else if (name != ".") {
      std::copy(path.begin() + static_cast<std::ptrdiff_t>(read),
                path.begin() + static_cast<std::ptrdiff_t>(end),
                path.begin() + static_cast<std::ptrdiff_t>(write));
      write += end - read;
    }
    read = end;
  }
  path.resize(write);
  return true;
}

enum class Resolved : std::uint8_t { fine, undecodable, outside };

/// resolve_reference into a buffer that is used again.
Resolved resolve_into(std::string_view url, std::string_view content_path, std::string& path) {
  path.clear();
  url = url.substr(0, url.find_first_of("?#"));
  if (url.starts_with('/')) {
    url.remove_prefix(1);
  } else {
    path = content_path.substr(0, content_path.rfind('/') + 1);  // npos + 1 is 0
  }
  const std::size_t start = path.size();
  if (!append_decoded(url, path)) return Resolved::undecodable;
  if (url.find('%') != std::string_view::npos && first_invalid_utf8(std::string_view(path).substr(start))) {
    return Resolved::undecodable;
  }
  const bool dots = path.find("./") != std::string::npos || path.ends_with('.');
  if (dots && !remove_dot_segments(path)) return Resolved::outside;
  // "/%2Fetc" and, at the top, "..//etc" name a place from a root that is not articles/.
  return path.starts_with('/') ? Resolved::outside : Resolved::fine;
}

/// A finding to be made, before its line is known.
struct Pending {
  Rule rule;
  std::size_t offset;
  std::size_t times = 1;
  std::string_view url;  // as decoded from the attribute; of active content: what it is
  std::string message;
};

/// Judges each distinct URL of a body once.
class ReferenceCheck {
 public:
  ReferenceCheck(CheckedArticle& article, const KnownFiles& known, std::vector<std::string>& resources,
                 std::vector<Pending>& pending)
      : article_(article), known_(known), resources_(resources), pending_(pending) {}

  void check(const package::HtmlReference& reference) {
    if (is_external(reference.url)) return;
    const auto [at, is_new] = seen_.try_emplace(reference.url, kFine);
    if (!is_new) {
      if (at->second != kFine) ++pending_[at->second].times;
      return;
    }
    const std::size_t before = pending_.size();
    judge(reference);
    if (pending_.size() > before) at->second = before;
  }

 private:
  static constexpr std::size_t kFine = ~std::size_t{0};

  void judge(const package::HtmlReference& reference) {
    switch (resolve_into(reference.url, article_.item.content_path, path_)) {
      case Resolved::undecodable:
        pend(Rule::reference_invalid, reference, " is not percent-encoded UTF-8");
        return;
      case Resolved::outside:
        pend(Rule::reference_invalid, reference, " leads out of articles/");
        return;
      case Resolved::fine:
        break;
    }
    if (auto target = known_.article_of_content(path_)) {
      article_.item.links.push_back({std::string(reference.url), std::move(target->folder),
                                     std::move(target->name), std::move(target->language)});
    } else if (known_.file(path_)) {
      resources_.push_back(path_);
    } else if (path_.empty() || path_.ends_with('/')) {
      pend(Rule::reference_broken, reference, " leads to the folder " + quoted(path_) + ", not to a file");
    } else {
      pend(Rule::reference_broken, reference, " leads to " + quoted(path_) + ", which is not in the package");
    }
  }

  void pend(Rule rule, const package::HtmlReference& reference, std::string_view what) {
    // One more than is listed: report_pending then says that there are more.
    if (made_[static_cast<std::size_t>(rule)]++ > Reporter::kMostOfOneRule) return;
    pending_.push_back({rule, reference.begin, 1, reference.url, quoted(reference.url) + std::string(what)});
  }

  CheckedArticle& article_;
  const KnownFiles& known_;
  std::vector<std::string>& resources_;
  std::vector<Pending>& pending_;
  std::string path_;
  std::array<std::size_t, 256> made_{};  // by rule
  // Most bodies have few distinct URLs: their table stays on the stack.
  std::array<std::byte, 16'384> arena_;
  std::pmr::monotonic_buffer_resource memory_{arena_.data(), arena_.size()};
  std::pmr::unordered_map<std::string_view, std::size_t> seen_{&memory_};  // URL → its finding, or kFine
};

/// One for each kind, at its first place.
void collect_active(const std::vector<package::ActiveContent>& active, std::vector<Pending>& pending) {
  const std::size_t first = pending.size();
  for (const package::ActiveContent& one : active) {
    const auto same = std::find_if(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end(),
                                   [&](const Pending& p) { return p.url == one.what; });
    if (same != pending.end()) {
      ++same->times;
      continue;
    }
    // There are a few dozen kinds; attribute names of a hostile body must not become thousands.
    if (pending.size() - first >= Reporter::kMostOfOneRule) continue;
    pending.push_back(
        {Rule::active_content, one.offset, 1, one.what, "Active content: " + escape_controls(one.what)});
  }
}

std::string advice_for(const Pending& pending, std::string_view content_path, const KnownFiles& known) {
  std::string path;
  if (pending.rule != Rule::reference_broken) return {};
  if (resolve_into(pending.url, content_path, path) != Resolved::fine || path.empty()) return {};
  const std::string near = path.ends_with('/') ? std::string() : nearest_file(path, known);
  return near.empty() ? near : "Did you mean the file " + quoted(near) + "?";
}

/// Findings in the order of their places, whose lines and columns are counted in one sweep.
void report_pending(CheckedArticle& article, std::vector<Pending>& pending, std::string_view body,
                    std::string_view file, const KnownFiles& known) {
  constexpr std::size_t kWithHint = 20;  // a hint costs a look at the names of a folder
  std::stable_sort(pending.begin(), pending.end(),
                   [](const Pending& a, const Pending& b) { return a.offset < b.offset; });
  const std::string item = article_item_path(article.item, article.location.pointer);
  package::Position position;
  std::array<std::size_t, 256> made{};  // by rule
  for (Pending& one : pending) {
    const std::size_t count = ++made[static_cast<std::size_t>(one.rule)];
    if (count > Reporter::kMostOfOneRule + 1U) continue;
    const std::size_t offset = std::min(one.offset, body.size());
    position = package::advance(position, body.substr(position.offset, offset - position.offset));
    if (one.times > 1) one.message += " (" + std::to_string(one.times) + " times in this body)";
    one.message += '.';
    if (count > Reporter::kMostOfOneRule) {
      one.message = "There are more like these in this body; the first " +
                    std::to_string(Reporter::kMostOfOneRule) + " are listed.";
    }
    std::string advice;
    if (count <= kWithHint) advice = advice_for(one, article.item.content_path, known);
    if (advice.empty()) advice = report::info(one.rule).remedy;
    article.findings.push_back({one.rule,
                                report::ItemKind::article,
                                item,
                                {std::string(file), {}, position.line, position.column},
                                std::move(one.message),
                                std::move(advice)});
  }
}

}  // namespace

bool is_external(std::string_view url) {
  return url.empty() || url.front() == '#' || url.front() == '?' || url.starts_with("//") || has_scheme(url);
}

std::optional<std::string> resolve_reference(std::string_view url, std::string_view content_path) {
  std::string path;
  if (resolve_into(url, content_path, path) != Resolved::fine) return std::nullopt;
  return path;
}

void check_html(CheckedArticle& article, const package::HtmlContent& content, std::string_view body,
                std::string_view file, const KnownFiles& known, std::vector<std::string>& resources) {
  std::vector<Pending> pending;
  ReferenceCheck check(article, known, resources, pending);
  for (const package::HtmlReference& reference : content.references) check.check(reference);
  std::sort(resources.begin(), resources.end());
  resources.erase(std::unique(resources.begin(), resources.end()), resources.end());
  if (!content.active.empty()) collect_active(content.active, pending);
  if (!pending.empty()) report_pending(article, pending, body, file, known);
}

}  // namespace waybill::validation
