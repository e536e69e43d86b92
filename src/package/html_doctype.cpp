// The part of the tokenizer that reads <!DOCTYPE>: 13.2.5.53 to 13.2.5.68.

#include <algorithm>

#include "package/html_tokenizer.h"

namespace waybill::package {

/// Behind "<!doctype".
void HtmlTokenizer::read_doctype() {
  HtmlDoctype doctype;
  skip_space();
  const std::size_t name = at_;
  while (!at_end() && html_[at_] != '>' && !is_html_space(html_[at_])) ++at_;
  doctype.has_name = at_ > name;
  append_html_text(html_.substr(name, at_ - name), true, doctype.name);
  skip_space();
  if (at_end() || html_[at_] == '>') return end_doctype(doctype, at_end() || !doctype.has_name);
  read_doctype_ids(doctype);
}

void HtmlTokenizer::read_doctype_ids(HtmlDoctype& doctype) {
  const bool is_public = looking_at(at_, "public");
  if (!is_public && !looking_at(at_, "system")) return end_doctype(doctype, true);
  at_ += 6;
  skip_space();
  if (is_public) {
    if (!read_doctype_string(doctype.public_id)) return end_doctype(doctype, true);
    skip_space();
    if (!at_end() && html_[at_] == '>') return end_doctype(doctype, false);
  }
  if (!read_doctype_string(doctype.system_id)) return end_doctype(doctype, true);
  skip_space();
  end_doctype(doctype, at_end());
}

/// False where there is none, or it does not end before '>' and the end of the input.
bool HtmlTokenizer::read_doctype_string(std::optional<std::string>& out) {
  if (at_end() || (html_[at_] != '"' && html_[at_] != '\'')) return false;
  const char quote = html_[at_++];
  const std::size_t begin = at_;
  while (!at_end() && html_[at_] != quote && html_[at_] != '>') ++at_;
  append_html_text(html_.substr(begin, at_ - begin), false, out.emplace());
  if (at_end() || html_[at_] != quote) return false;
  ++at_;
  return true;
}

/// Whatever else stands before the next '>' is passed over.
void HtmlTokenizer::end_doctype(HtmlDoctype& doctype, bool quirks) {
  doctype.force_quirks = quirks;
  at_ = std::min(find(">", at_) + 1, html_.size());
  sink_->doctype(doctype);
}

}  // namespace waybill::package
