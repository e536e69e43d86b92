#include "package/html_elements.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace waybill::package {

namespace {

using Gap = HtmlText::Gap;
using Model = HtmlContentModel;
using Role = HtmlElement::Role;

constexpr HtmlElement block(std::string_view name) {
  return {.name = name, .gap = Gap::line};
}

constexpr HtmlElement cell(std::string_view name) {
  return {.name = name, .gap = Gap::space};
}

constexpr HtmlElement running(std::string_view name, std::uint8_t references = HtmlElement::none) {
  return {.name = name, .references = references, .active = true};
}

constexpr HtmlElement raw(std::string_view name) {
  return {.name = name, .model = Model::rawtext, .hidden = true};
}

constexpr HtmlElement linking(std::string_view name) {
  return {.name = name, .references = HtmlElement::href, .links = true};
}

constexpr HtmlElement loading(std::string_view name, int references) {
  return {.name = name, .references = static_cast<std::uint8_t>(references)};
}

constexpr HtmlElement special(std::string_view name, Role role, int references = HtmlElement::none) {
  return {.name = name, .references = static_cast<std::uint8_t>(references), .role = role};
}

constexpr auto kElements = std::to_array<HtmlElement>({
    linking("a"),
    block("address"),
    running("applet"),
    linking("area"),
    block("article"),
    block("aside"),
    loading("audio", HtmlElement::src),
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
    running("embed", HtmlElement::src),
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
    {.name = "iframe",
     .model = Model::rawtext,
     .references = HtmlElement::src,
     .hidden = true,
     .active = true},
    special("img", Role::image, HtmlElement::src | HtmlElement::srcset),
    loading("input", HtmlElement::src),
    block("legend"),
    block("li"),
    special("link", Role::link, HtmlElement::href),
    block("listing"),
    block("main"),
    block("menu"),
    special("meta", Role::meta),
    block("nav"),
    raw("noembed"),
    raw("noframes"),
    running("object", HtmlElement::data),
    block("ol"),
    block("optgroup"),
    block("option"),
    block("p"),
    {.name = "plaintext", .gap = Gap::line, .model = Model::plaintext},
    block("pre"),
    {.name = "script",
     .model = Model::script,
     .references = HtmlElement::src,
     .hidden = true,
     .active = true},
    block("search"),
    block("section"),
    loading("source", HtmlElement::src | HtmlElement::srcset),
    raw("style"),
    block("summary"),
    special("svg", Role::drawing),
    block("table"),
    block("tbody"),
    cell("td"),
    special("template", Role::fragment),
    {.name = "textarea", .model = Model::rcdata},
    block("tfoot"),
    cell("th"),
    block("thead"),
    {.name = "title", .model = Model::rcdata, .hidden = true, .role = Role::title},
    block("tr"),
    loading("track", HtmlElement::src),
    block("ul"),
    loading("video", HtmlElement::src | HtmlElement::poster),
    {.name = "xmp", .gap = Gap::line, .model = Model::rawtext},
    {},  // every other
});

/// The attributes that HTML and SVG take a URL from (to, from, by and values because <animate> may set
/// another one), those with references, and srcdoc.
constexpr HtmlAttributeUse url(std::string_view name, std::uint8_t references = HtmlElement::none) {
  return {.name = name, .references = references, .url = true};
}

constexpr auto kAttributes = std::to_array<HtmlAttributeUse>({
    url("action"),
    url("archive"),
    url("background"),
    url("by"),
    url("cite"),
    url("classid"),
    url("code"),
    url("codebase"),
    url("data", HtmlElement::data),
    url("dynsrc"),
    url("formaction"),
    url("from"),
    url("href", HtmlElement::href),
    url("longdesc"),
    url("lowsrc"),
    url("manifest"),
    url("poster", HtmlElement::poster),
    url("src", HtmlElement::src),
    {.name = "srcdoc", .active = true},
    {.name = "srcset", .references = HtmlElement::srcset},
    url("to"),
    url("values"),
    url("xlink:href"),
    {},  // every other
});
static_assert(kAttributes.size() <= 32);

/// The names of a table, whose last entry has none.
template <typename T, std::size_t N>
constexpr HtmlNames<N - 1> names_of(const std::array<T, N>& table, std::uint64_t factor) {
  std::array<T, N - 1> named{};
  std::copy_n(table.begin(), N - 1, named.begin());
  return HtmlNames<N - 1>(named, factor);
}

}  // namespace

constexpr std::array<HtmlElement, 81> kHtmlElements = kElements;
constexpr std::array<HtmlAttributeUse, 24> kHtmlAttributes = kAttributes;
constexpr HtmlNames<80> kHtmlElementNames = names_of(kElements, 0xA6EB8C9EBD69FE29);
constexpr HtmlNames<23> kHtmlAttributeNames = names_of(kAttributes, 0x87B0B125EC1D7DA1);
static_assert(kHtmlElementNames.is_perfect() && kHtmlAttributeNames.is_perfect(), "try another factor");

std::string_view html_active_url(std::string_view value) {
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
