#include "package/html_elements.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace waybill::package {

namespace {

using Layout = HtmlElement::Layout;
using Model = HtmlContentModel;

constexpr HtmlElement block(std::string_view name) {
  return {name, Layout::block};
}

constexpr HtmlElement running(std::string_view name) {
  return {name, Layout::inlined, Model::data, false, true};
}

constexpr HtmlElement raw(std::string_view name, bool active) {
  return {name, Layout::inlined, Model::rawtext, true, active};
}

/// Sorted by name.
constexpr auto kElements = std::to_array<HtmlElement>({
    block("address"),
    running("applet"),
    block("article"),
    block("aside"),
    running("base"),
    block("blockquote"),
    block("body"),
    block("br"),
    block("caption"),
    block("center"),
    block("dd"),
    block("details"),
    block("dialog"),
    block("dir"),
    block("div"),
    block("dl"),
    block("dt"),
    running("embed"),
    block("fieldset"),
    block("figcaption"),
    block("figure"),
    block("footer"),
    block("form"),
    running("frame"),
    running("frameset"),
    block("h1"),
    block("h2"),
    block("h3"),
    block("h4"),
    block("h5"),
    block("h6"),
    block("head"),
    block("header"),
    block("hgroup"),
    block("hr"),
    block("html"),
    raw("iframe", true),
    block("legend"),
    block("li"),
    block("listing"),
    block("main"),
    block("menu"),
    block("nav"),
    raw("noembed", false),
    raw("noframes", false),
    running("object"),
    block("ol"),
    block("optgroup"),
    block("option"),
    block("p"),
    {"plaintext", Layout::block, Model::plaintext},
    block("pre"),
    {"script", Layout::inlined, Model::script, true, true},
    block("search"),
    block("section"),
    raw("style", false),
    block("summary"),
    block("table"),
    block("tbody"),
    {"td", Layout::cell},
    {"textarea", Layout::inlined, Model::rcdata},
    block("tfoot"),
    {"th", Layout::cell},
    block("thead"),
    {"title", Layout::inlined, Model::rcdata, true},
    block("tr"),
    block("ul"),
    {"xmp", Layout::block, Model::rawtext},
});

static_assert(std::is_sorted(kElements.begin(), kElements.end(),
                             [](const HtmlElement& a, const HtmlElement& b) { return a.name < b.name; }));

constexpr HtmlElement kOther{};

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& of) {
  return std::find(of.begin(), of.end(), text) != of.end();
}

}  // namespace

const HtmlElement& html_element(std::string_view name) {
  const auto* const found = std::lower_bound(
      kElements.begin(), kElements.end(), name,
      [](const HtmlElement& element, std::string_view wanted) { return element.name < wanted; });
  return found != kElements.end() && found->name == name ? *found : kOther;
}

std::optional<HtmlReference::Kind> html_reference(std::string_view element, std::string_view attribute) {
  constexpr std::array<std::string_view, 9> kSources = {"img",   "source", "video",  "audio", "track",
                                                        "embed", "iframe", "script", "input"};
  using Kind = HtmlReference::Kind;
  if (attribute == "href") {
    if (element == "a" || element == "area") return Kind::link;
    if (element == "link") return Kind::resource;
  } else if (attribute == "src") {
    if (is_one_of(element, kSources)) return Kind::resource;
  } else if (attribute == "srcset") {
    if (element == "img" || element == "source") return Kind::resource;
  } else if ((attribute == "poster" && element == "video") || (attribute == "data" && element == "object")) {
    return Kind::resource;
  }
  return std::nullopt;
}

std::string_view html_active_url(std::string_view attribute, std::string_view value) {
  // The attributes that HTML and SVG take a URL from; to, from, by and values because <animate> may set
  // another one.
  constexpr std::array<std::string_view, 20> kUrls = {
      "action",   "archive",  "background", "by",         "cite", "classid",   "code",
      "codebase", "data",     "dynsrc",     "formaction", "from", "href",      "longdesc",
      "lowsrc",   "manifest", "poster",     "src",        "to",   "xlink:href"};
  if (attribute != "values" && !is_one_of(attribute, kUrls)) return {};
  constexpr std::size_t kLongest = 32;
  std::string start;
  for (const char c : value) {
    const bool control = static_cast<unsigned char>(c) <= 0x20;
    // URL Standard, 4.4: controls and spaces in front are taken off, tabs and line ends anywhere.
    if (c == '\t' || c == '\n' || c == '\r' || (control && start.empty())) continue;
    start += c;
    if (start.size() == kLongest) break;
  }
  start = to_lower(start);
  if (start.starts_with("javascript:")) return "javascript: URL";
  if (start.starts_with("vbscript:")) return "vbscript: URL";
  if (start.starts_with("data:text/html") || start.starts_with("data:application/xhtml+xml"))
    return "data: URL with HTML";
  return {};
}

}  // namespace waybill::package
