#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::package {

/// A URL in an attribute (contract, section 3, References): its value decoded, and where the value stands in
/// the body.
struct HtmlReference {
  enum class Kind : std::uint8_t { link, resource };  // href of a, area | everything that is loaded
  Kind kind = Kind::link;
  std::string_view url;   // character references decoded, white space around it taken off; in the body, or
                          // in what HtmlContent has decoded
  std::size_t begin = 0;  // byte range of this URL inside the body, as written
  std::size_t end = 0;
};

/// Something that a browser would run: <script>, on…=, javascript:, iframe, object, embed, …
struct ActiveContent {
  std::string what;        // "script element", "onclick attribute", "javascript: URL"
  std::size_t offset = 0;  // byte offset of the tag
};

/// What one pass over a body finds. Good for as long as the body is; not copied, since its URLs may be its
/// own.
struct HtmlContent {
  HtmlContent() = default;
  HtmlContent(HtmlContent&&) = default;
  HtmlContent& operator=(HtmlContent&&) = default;
  HtmlContent(const HtmlContent&) = delete;
  HtmlContent& operator=(const HtmlContent&) = delete;

  std::string title;  // text of the first <title>, white space collapsed
  std::string text;   // what a reader sees: for search. White space collapsed, blocks separated by a newline,
                      // without script, style, template and title
  std::vector<HtmlReference> references;
  std::vector<ActiveContent> active;
  std::deque<std::string> decoded;  // values with URLs that are not written as they are meant
  void clear();
};

/// One pass over an HTML body as the WHATWG tokenizer reads it (HTML Living Standard, 13.2.5), without a
/// tree. Any bytes are fine; it never fails. Linear in the length. Any thread.
void read_html(std::string_view html, HtmlContent& out);

}  // namespace waybill::package
