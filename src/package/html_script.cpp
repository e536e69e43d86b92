// The part of the tokenizer that reads <script>: 13.2.5.4 and 13.2.5.15 to 13.2.5.31.

#include <algorithm>

#include "package/html_tokenizer.h"

namespace waybill::package {

namespace {

bool ends_name(char c) {
  return is_html_space(c) || c == '/' || c == '>';
}

}  // namespace

/// Inside "<!--" a script is escaped, and inside a <script> in there doubly so: then "</script>" ends only
/// the inner one. "-->" ends both.
bool HtmlTokenizer::read_script() {
  enum class Escape { none, once, twice };
  Escape escape = Escape::none;
  const std::size_t begin = at_;
  int dashes = 0;
  while (!at_end()) {
    const char c = html_[at_];
    ++steps_;
    if (c == '-') {
      ++at_;
      dashes = std::min(dashes + 1, 2);
      continue;
    }
    if (c == '>' && dashes == 2) escape = Escape::none;
    dashes = 0;
    if (c != '<') {
      ++at_;
      continue;
    }
    if (escape != Escape::twice && is_end_tag(at_)) {
      sink_->text(begin, at_, model_);
      return true;
    }
    ++at_;
    if (escape == Escape::none) {
      if (html_.substr(at_, 3) != "!--") continue;
      at_ += 3;
      escape = Escape::once;
      dashes = 2;
      continue;
    }
    // "<script" goes in, "</script" comes out again; each followed by what ends a name, which is text as
    // well.
    std::size_t name = at_;
    if (escape == Escape::twice) {
      if (at_end() || html_[at_] != '/') continue;
      ++name;
    }
    std::size_t end = name;
    while (end < html_.size() && is_html_letter(html_[end])) ++end;
    steps_ += end - name;
    at_ = end;
    if (end >= html_.size() || !ends_name(html_[end]) || end == name) continue;
    if (end - name == 6 && looking_at(name, "script")) {
      escape = escape == Escape::once ? Escape::twice : Escape::once;
    }
    ++at_;
  }
  sink_->text(begin, html_.size(), model_);
  return false;
}

}  // namespace waybill::package
